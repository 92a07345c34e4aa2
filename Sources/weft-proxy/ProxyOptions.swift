public import ArgumentParser
public import ProxyPath

/// The command line of weft-proxy, as typed values.
struct ProxyOptions: ParsableArguments {
  private static let defaults = ProxySettings()

  @Option(help: "Names this proxy: its admin socket, and WEFT_PROXY in every record.")
  var name = defaults.name

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where rules redirect what programs dial.", valueName: "port"),
    transform: NumberOption.port
  )
  var outboundPort = defaults.outboundPort

  @Option(
    help: ArgumentHelp(
      "Where rules redirect what arrives: a port, or a range of up to 16 such as 15100-15109.",
      valueName: "port[-port]"
    ),
    transform: PortSpan.init(parsing:)
  )
  var inboundPorts = PortSpan(ports: defaults.inboundPorts)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Prometheus text; 0 for none.", valueName: "port"),
    transform: NumberOption.portOrNone
  )
  var metricsPort: UInt16 = 15020

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("/live and /ready; 0 for none.", valueName: "port"),
    transform: NumberOption.portOrNone
  )
  var healthPort: UInt16 = 15021

  @Option(help: ArgumentHelp("Policies compiled by `weft compile`; read again when it changes.", valueName: "file"))
  var snapshot: String?

  @Option(
    help: ArgumentHelp("The agent's socket: services and policies come from there, not from a file.", valueName: "path")
  )
  var agent: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Let the agent answer what the pod's programs ask for names; with --agent it does by default."
  )
  var names: Bool?

  @Option(
    help: ArgumentHelp("The resolvers that hosts of ServiceEntries are asked of (resolution: DNS).", valueName: "file")
  )
  var resolvConf = defaults.resolverPath

  @Option(help: ArgumentHelp("The pod's namespace.", valueName: "name"))
  var namespace = defaults.namespace

  @Option(help: ArgumentHelp("The account of the pod's identity, which the agent gives.", valueName: "name"))
  var serviceAccount = defaults.serviceAccount

  @Option(help: ArgumentHelp("The pod's labels, or @FILE with one a line.", valueName: "key=value,..."))
  var labels = ""

  @Option(help: ArgumentHelp("Holds the admin socket.", valueName: "directory"))
  var runDirectory = defaults.runDirectory

  @Option(help: ArgumentHelp("The account to run as, when started as root.", valueName: "uid|name"))
  var user = defaults.user

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Event loops; one a processor by default.", valueName: "count"),
    transform: NumberOption.workers
  )
  var workers: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long an upstream handshake may take.", valueName: "seconds"),
    transform: NumberOption.seconds
  )
  var connectTimeout = defaults.connectTimeout_s

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long a connection may be silent.", valueName: "seconds"),
    transform: NumberOption.seconds
  )
  var idleTimeout = defaults.idleTimeout_s

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From SIGTERM to the end at the latest.", valueName: "seconds"),
    transform: NumberOption.seconds
  )
  var drainTimeout = defaults.drainTimeout_s

  @Option(help: "Where records go: journal, stderr or none.")
  var log = defaults.log

  @Option(
    help: ArgumentHelp(
      "Write the secrets of all TLS sessions there, to read captured packets by: whoever reads it reads all traffic.",
      valueName: "file"
    )
  )
  var tlsKeyLog: String?

  @Flag(help: "Take the listening sockets over from the running proxy of the same name, which then drains.")
  var replace = false

  func settings() throws -> ProxySettings {
    var settings = ProxySettings()
    settings.name = name
    settings.outboundPort = outboundPort
    settings.inboundPorts = inboundPorts.ports
    settings.metricsPort = metricsPort == 0 ? nil : metricsPort
    settings.healthPort = healthPort == 0 ? nil : healthPort
    settings.snapshotPath = snapshot
    settings.agentPath = agent
    settings.answersNames = names ?? (agent != nil && optionWithNamesPort == nil)
    settings.resolverPath = resolvConf
    settings.namespace = namespace
    settings.serviceAccount = serviceAccount
    settings.labelText = labels
    settings.runDirectory = runDirectory
    settings.user = user
    settings.workers = workers
    settings.connectTimeout_s = connectTimeout
    settings.idleTimeout_s = idleTimeout
    settings.drainTimeout_s = drainTimeout
    settings.log = log
    settings.keyLogPath = tlsKeyLog
    settings.replacesRunning = replace
    return settings
  }

  func validate() throws {
    try require(
      !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy(isNameByte),
      "--name \"\(name)\": up to 64 letters, digits, '-', '_' and '.'"
    )
    try require(
      !serviceAccount.isEmpty && serviceAccount.utf8.count <= 253 && serviceAccount.utf8.allSatisfy(isNameByte)
        && serviceAccount != "." && serviceAccount != "..",
      "--service-account \"\(serviceAccount)\": up to 253 letters, digits, '-', '_' and '.', as a SPIFFE ID may have"
    )
    try require(
      !inboundPorts.ports.contains(outboundPort),
      "--inbound-ports \(inboundPorts) holds the outbound port \(outboundPort): they must differ"
    )
    try require(
      agent == nil || snapshot == nil,
      "--agent and --snapshot are two sources of the same documents: give one of them"
    )
    try require(agent != "", "--agent needs the path of the agent's socket")
    try require(names != true || agent != nil, "--names needs an agent that answers: give its socket with --agent")
    if names == true, let option = optionWithNamesPort {
      throw ValidationError("\(option) holds port \(ProxySettings.namesPort), which --names is about: choose another")
    }
    let range = inboundPorts.ports
    for (role, port) in [
      ("mesh transport's", ProxySettings.transportPort), ("metrics", metricsPort), ("health", healthPort),
    ] where range.count > 1 && range.contains(port) {
      throw ValidationError(
        "--inbound-ports \(inboundPorts) holds the \(role) port \(port): take a range without it, such as 15100-15109"
      )
    }
    for (option, port) in [
      ("--outbound-port", outboundPort), ("--inbound-ports", range.lowerBound), ("--metrics-port", metricsPort),
      ("--health-port", healthPort),
    ] {
      try require(
        port != ProxySettings.transportPort,
        "\(option) \(port) is the mesh transport's port: choose another"
      )
    }
    for (option, port) in [("--metrics-port", metricsPort), ("--health-port", healthPort)] where port != 0 {
      try require(
        port != outboundPort && !inboundPorts.ports.contains(port),
        "\(option) \(port) is a capture port: choose another, or 0 for none"
      )
    }
    try require(metricsPort == 0 || metricsPort != healthPort, "--health-port \(healthPort) is the metrics port too")
  }

  /// The option that wants the port of names for something else.
  private var optionWithNamesPort: String? {
    let used = [
      ("--outbound-port", outboundPort...outboundPort), ("--inbound-ports", inboundPorts.ports),
      ("--metrics-port", metricsPort...metricsPort), ("--health-port", healthPort...healthPort),
    ]
    return used.first { $0.1.contains(ProxySettings.namesPort) }?.0
  }

  private func require(_ holds: Bool, _ message: String) throws {
    guard holds else { throw ValidationError(message) }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

/// `15006`, or a range such as `15100-15109`.
struct PortSpan: CustomStringConvertible {
  /// More listeners than this a family and worker gain nothing.
  static let most = 16
  let ports: ClosedRange<UInt16>

  init(ports: ClosedRange<UInt16>) { self.ports = ports }

  /// Reads the option's value.
  init(parsing text: String) throws {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard (1...2).contains(ends.count), let first = ends[0], first > 0, let last = ends[ends.count - 1],
      first <= last, Int(last) - Int(first) < Self.most
    else { throw ValidationError("a port from 1 to 65535, or a range of up to \(Self.most) such as 15100-15109") }
    ports = first...last
  }

  var description: String {
    ports.lowerBound == ports.upperBound ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
  }
}

extension ProxySettings.LogTarget: ExpressibleByArgument {}

/// Numbers of the command line; what is thrown says what would be right.
private enum NumberOption {
  @Sendable static func port(_ text: String) throws -> UInt16 { try number(text, in: 1...UInt16.max, "a port") }

  @Sendable static func portOrNone(_ text: String) throws -> UInt16 {
    try number(text, in: 0...UInt16.max, "a port, or 0 for none,")
  }

  /// A week is longer than any connection should wait, and far from overflow in the wheel's ticks.
  @Sendable static func seconds(_ text: String) throws -> UInt32 {
    try number(text, in: 1...604_800, "whole seconds")
  }

  /// More loops than the worker's number in a connection id can tell apart would be as wrong as none.
  @Sendable static func workers(_ text: String) throws -> Int { try number(text, in: 1...64, "a count") }

  private static func number<Number: FixedWidthInteger>(
    _ text: String,
    in range: ClosedRange<Number>,
    _ what: String
  ) throws -> Number {
    guard let number = Number(text), range.contains(number) else {
      throw ValidationError("\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
