internal import FoundationEssentials
internal import Glibc
internal import MeshModel

/// Serf's configuration file. The keys go there, not on a command line, which any user can read.
struct SerfFile {
  /// Where it is.
  let path: String
  private let settings: Settings

  /// The file of a Serf that joins `joining` besides what it is configured to.
  init(_ configuration: SerfConfiguration, joining: [SocketAddress] = [], rpcPort: UInt16, rpcKey: String) {
    path = "\(configuration.directory)/serf.json"
    settings = Settings(
      node_name: configuration.name,
      bind: configuration.bind.description,
      advertise: configuration.advertise?.description,
      encrypt_key: configuration.key.base64,
      rpc_addr: "127.0.0.1:\(rpcPort)",
      rpc_auth: rpcKey,
      tags: configuration.tags.encoded,
      profile: configuration.profile.rawValue,
      snapshot_path: "\(configuration.directory)/snapshot",
      retry_join: (configuration.join + joining).map(\.description)
    )
  }

  /// Serf's own names (`serf/command/agent/config.go`).
  private struct Settings: Encodable {
    let node_name: String
    let bind: String
    let advertise: String?
    let encrypt_key: String
    let rpc_addr: String
    let rpc_auth: String
    let tags: [String: String]
    let profile: String
    let snapshot_path: String
    let retry_join: [String]
    let retry_interval = "5s"
    /// An agent that was stopped, having left or not, comes back to where it was.
    let rejoin_after_leave = true
    /// How often one of the failed members is tried again: after a cut, both sides meet within some of these.
    let reconnect_interval = "5s"
    /// How long failed members are tried: as long as replication remembers deletions (`ReplicationLimits`). Who was cut
    /// off for longer must join anew.
    let reconnect_timeout = "144h"
    /// How long a member that left is remembered.
    let tombstone_timeout = "24h"
    let log_level = "info"
    /// The supervisor ends Serf by TERM, and asks it to leave by RPC; nothing else makes it leave.
    let skip_leave_on_interrupt = true
    let leave_on_terminate = false
    /// Nobody asks for distances.
    let disable_coordinates = true
    let enable_compression = true
  }

  /// Writes it whole, readable by its owner alone, in a directory that is as well.
  func write(in directory: String) throws(MembershipError) {
    let bytes: [UInt8]
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      bytes = Array(try encoder.encode(settings))
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
    if mkdir(directory, 0o700) != 0, errno != EEXIST { throw failure("mkdir \(directory)") }
    let fresh = path + ".new"
    unlink(fresh)
    let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure("open") }
    defer { _ = close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write") }
      rest = rest.dropFirst(count)
    }
    guard rename(fresh, path) == 0 else { throw failure("rename") }
  }

  private func failure(_ call: String) -> MembershipError {
    .file(path: path, reason: "\(call): \(String(cString: strerror(errno)))")
  }
}

/// A TCP port of loopback that nobody has at this moment. Somebody may take it before Serf does: Serf then fails, and the
/// next start gets another.
enum FreePort {
  static func find() throws(MembershipError) -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .notRunning("socket: \(String(cString: strerror(errno)))") }
    defer { _ = close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard found else { throw .notRunning("no free port: \(String(cString: strerror(errno)))") }
    return UInt16(bigEndian: address.sin_port)
  }
}
