import MeshModel
import WeftTestKit

/// exim4 with a configuration of its own, in a pod: it greets whoever connects, and delivers nothing.
struct MailServer {
  let address: SocketAddress
  private let program: RunningProgram
  private let directory: TemporaryDirectory

  init(in pod: Pod, on ip: IPAddress, port: UInt16 = 2525) throws {
    directory = try TemporaryDirectory()
    address = SocketAddress(ip, port: port)
    let path = directory.path
    // No lookups of any kind: the greeting depends on nothing but the connection.
    let configuration = """
      primary_hostname = mail.test
      spool_directory = \(path)
      log_file_path = \(path)/%slog
      exim_user = root
      exim_group = root
      keep_environment =
      local_interfaces = <; [\(ip)]:\(port)
      host_lookup =
      rfc1413_query_timeout = 0s
      smtp_accept_max = 20
      acl_smtp_rcpt = deny_all
      begin acl
      deny_all:
        deny
      """
    let file = try directory.write("exim.conf", configuration + "\n")
    program = try pod.start("exim4", "-C", file, "-bdf", "-oP", "\(path)/pid")
    try program.waitForListener(port)
  }

  /// How long the greeting takes without a proxy.
  static func timeToGreeting(from pod: Pod, _ address: SocketAddress) throws -> Duration {
    let stream = try PodStream.connect(from: pod, to: address)
    return try ContinuousClock().measure { _ = try stream.receive(exactly: 4) }
  }
}
