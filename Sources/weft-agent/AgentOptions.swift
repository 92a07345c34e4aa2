public import AgentCore
public import ArgumentParser
internal import Glibc
internal import MeshModel

/// The command line of `weft-agent run`, as typed values.
struct AgentOptions: ParsableArguments {
  private static let defaults = AgentSettings()

  @Option(help: ArgumentHelp("Holds what must survive a restart; only the agent may read it.", valueName: "directory"))
  var dataDir = defaults.dataDirectory

  @Option(help: ArgumentHelp("Holds the agent's socket.", valueName: "directory"))
  var runDir = defaults.runDirectory

  @Option(help: ArgumentHelp("The host's name in the mesh; by default the kernel's.", valueName: "name"))
  var hostName: String?

  @Option(help: ArgumentHelp("The name of a mesh that is created here.", valueName: "name"))
  var mesh = defaults.meshName

  @Option(help: ArgumentHelp("The trust domain of a mesh that is created here.", valueName: "name"))
  var trustDomain = defaults.trustDomain

  @Option(
    help: ArgumentHelp(
      "Where other hosts reach this one, and where its services listen; by default its interfaces' addresses.",
      valueName: "address"
    ),
    transform: AddressOption.address
  )
  var address: [IPAddress] = []

  @Option(
    help: ArgumentHelp(
      "Joins another host's mesh at the first start, by a token of its `weft token create`, or a file that holds one.",
      valueName: "token|@file"
    )
  )
  var join: String?

  @Option(help: ArgumentHelp("Where other agents connect to, by TCP.", valueName: "port"))
  var peerPort = defaults.peerPort

  @Option(help: ArgumentHelp("Where Serf gossips, by UDP and TCP.", valueName: "port"))
  var gossipPort = defaults.gossipPort

  @Option(
    help: ArgumentHelp("Where names are answered; by default port 15053 of both loopbacks.", valueName: "address:port"),
    transform: AddressOption.socket
  )
  var dns: [SocketAddress] = []

  @Option(help: ArgumentHelp("The user that proxies run as, who hand over their pods' names.", valueName: "uid"))
  var proxyUser = defaults.proxyUser

  @Option(help: ArgumentHelp("Files that say which services this host runs.", valueName: "directory"))
  var services = defaults.servicesDirectory

  @Option(help: ArgumentHelp("Resolvers for names that are not the mesh's.", valueName: "file"))
  var resolvConf = defaults.resolverFile

  @Option(help: ArgumentHelp("Prometheus text and health on loopback; 0 for none.", valueName: "port"))
  var metricsPort: UInt16 = 15014

  @Option(help: "Where log entries go: journal or stderr.")
  var log = defaults.log

  func settings() throws -> AgentSettings {
    var settings = AgentSettings()
    settings.dataDirectory = dataDir
    settings.runDirectory = runDir
    settings.hostName = hostName
    settings.meshName = mesh
    settings.trustDomain = trustDomain
    settings.addresses = address
    settings.joinToken = try join.map(TokenOption.text)
    settings.peerPort = peerPort
    settings.gossipPort = gossipPort
    if !dns.isEmpty { settings.nameServers = dns }
    settings.proxyUser = proxyUser
    settings.servicesDirectory = services
    settings.resolverFile = resolvConf
    settings.metricsPort = metricsPort == 0 ? nil : metricsPort
    settings.log = log
    return settings
  }
}

extension AgentSettings.LogTarget: ExpressibleByArgument {}

/// Addresses of the command line.
private enum AddressOption {
  @Sendable static func address(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text), !address.isUnspecified else {
      throw ValidationError("\"\(text)\" is not an IP address such as 192.0.2.1 or 2001:db8::1")
    }
    return address
  }

  @Sendable static func socket(_ text: String) throws -> SocketAddress {
    guard let address = SocketAddress(text), address.port > 0 else {
      throw ValidationError("\"\(text)\" is not of the form 127.0.0.1:15053 or [::1]:15053")
    }
    return address
  }
}

/// A join token of the command line, which others can read, or of a file, which they cannot.
private enum TokenOption {
  /// Bytes of a file that are read: a token has at most 1,024 characters.
  private static let fileBytes = 4_096

  static func text(_ option: String) throws -> String {
    guard option.hasPrefix("@") else { return option }
    let path = String(option.dropFirst())
    guard let file = fopen(path, "re") else {
      throw ValidationError("--join \(option): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: fileBytes)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw ValidationError("--join \(option): \(String(cString: strerror(errno)))") }
    guard count > 0 else { throw ValidationError("--join \(option): the file is empty; it is to hold a join token") }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    return String(text.drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
  }
}
