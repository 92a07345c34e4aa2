import ArgumentParser
import Glibc

/// Which proxies a command asks.
struct ProxyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The proxy to ask; by default all there are.", valueName: "name"))
  var proxy: String?

  @Option(
    help: ArgumentHelp(
      "Where proxies keep their sockets; by default /run/weft-proxy-NAME of each, and /run/weft.",
      valueName: "path"
    )
  )
  var runDirectory: String?

  func validate() throws {
    guard runDirectory != "" else { throw ValidationError("--run-directory is empty; it is to hold proxies' sockets") }
    guard let proxy else { return }
    guard !proxy.isEmpty, !proxy.contains("/") else { throw ValidationError("\"\(proxy)\" is not a proxy's name") }
  }

  /// The proxies asked for: at least one.
  func proxies() throws(CommandFailure) -> [ProxySocket] {
    if let proxy { return [named(proxy)] }
    let found = try all()
    guard !found.isEmpty else {
      throw CommandFailure(
        CommandFailure.failed,
        "no proxy has a socket in \(searched); is weft-proxy running? try --run-directory"
      )
    }
    return found
  }

  /// All there are, by name; perhaps none.
  func all() throws(CommandFailure) -> [ProxySocket] {
    var found = try ProxySocket.all(in: mainDirectory)
    if runDirectory == nil {
      for directory in Self.unitDirectories { found += try ProxySocket.all(in: directory) }
    }
    return found.sorted { $0.name < $1.name }
  }

  /// For messages.
  private var searched: String { runDirectory ?? "\(mainDirectory) or \(Self.unitPrefix)NAME" }

  /// Where proxies without a directory of their own are, and the agent.
  var mainDirectory: String { runDirectory ?? "/run/weft" }

  /// A proxy that is not there is missed in the directory of its own.
  private func named(_ name: String) -> ProxySocket {
    let own = ProxySocket(name: name, in: Self.unitPrefix + name)
    let shared = ProxySocket(name: name, in: mainDirectory)
    if runDirectory == nil, access(shared.path, F_OK) != 0 { return own }
    return shared
  }

  /// What each proxy makes for itself, or its unit does: /run/weft is the agent's, and the proxy is another user.
  private static let unitPrefix = "/run/weft-proxy-"

  private static var unitDirectories: [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(unitPrefix + "*", 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
  }

  /// The one proxy asked for, or the only one there is.
  func single() throws(CommandFailure) -> ProxySocket {
    let found = try proxies()
    guard found.count == 1 else {
      let names = found.map(\.name).joined(separator: ", ")
      throw CommandFailure(CommandFailure.usage, "there are several proxies; choose one with --proxy: \(names)")
    }
    return found[0]
  }
}

/// The admin socket of one proxy.
struct ProxySocket: Equatable {
  let name: String
  let path: String

  private static let prefix = "proxy-"
  private static let suffix = ".sock"

  init(name: String, in directory: String) {
    self.name = name
    self.path = "\(directory)/\(Self.prefix)\(name)\(Self.suffix)"
  }

  var client: AdminClient { AdminClient(path: path) }

  /// The proxies whose sockets lie in `directory`, by name. A directory that is not there holds none.
  static func all(in directory: String) throws(CommandFailure) -> [ProxySocket] {
    guard let stream = opendir(directory) else {
      if errno == ENOENT { return [] }
      let code = errno == EACCES ? CommandFailure.missing : CommandFailure.failed
      throw CommandFailure(code, "cannot list \(directory): \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    var found: [ProxySocket] = []
    while let entry = readdir(stream) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      guard file.hasPrefix(prefix), file.hasSuffix(suffix), file.count > prefix.count + suffix.count else { continue }
      found.append(ProxySocket(name: String(file.dropFirst(prefix.count).dropLast(suffix.count)), in: directory))
    }
    return found.sorted { $0.name < $1.name }
  }
}
