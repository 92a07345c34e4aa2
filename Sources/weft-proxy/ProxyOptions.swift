public import ArgumentParser
public import ProxyPath

/// The command line of weft-proxy, as typed values.
struct ProxyOptions: ParsableArguments {
  private static let defaults = ProxySettings()

  @Option(help: "Names this proxy: its admin socket, and WEFT_PROXY in every record.")
  var name = defaults.name

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where rules redirect what programs dial; by default 15001.", valueName: "port"),
    transform: NumberOption.port
  )
  var outboundPort = defaults.outboundPort

  @Option(
    help: ArgumentHelp(
      "Where rules redirect what arrives: a port, or a range of up to 16 such as 15100-15109; by default 15006.",
      valueName: "port[-port]"
    ),
    transform: PortSpan.init(parsing:)
  )
  var inboundPorts = PortSpan(ports: defaults.inboundPorts)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Prometheus text; 0 for none, by default 15020.", valueName: "port"),
    transform: NumberOption.portOrNone
  )
  var metricsPort: UInt16 = 15020

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("/live and /ready; 0 for none, by default 15021.", valueName: "port"),
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

  @Option(help: ArgumentHelp("Holds the admin socket; by default /run/weft-proxy-NAME.", valueName: "directory"))
  var runDirectory: String?

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
    help: ArgumentHelp("How long an upstream handshake may take; by default 5.", valueName: "seconds"),
    transform: NumberOption.seconds
  )
  var connectTimeout = defaults.connectTimeout_s

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long a connection may be silent; by default 3600.", valueName: "seconds"),
    transform: NumberOption.seconds
  )
  var idleTimeout = defaults.idleTimeout_s

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From SIGTERM to the end at the latest; by default 30.", valueName: "seconds"),
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
    settings.runDirectory = runDirectory ?? ProxySettings.usualRunDirectory(of: name)
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
}

extension ProxySettings.LogTarget: ExpressibleByArgument {}
