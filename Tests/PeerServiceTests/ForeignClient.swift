import Authority
import Foundation
import Glibc
import MeshModel
import WeftTestKit

/// OpenSSL's client on an agent's port: it shows what it is told to, begins HTTP/2, and stays.
struct ForeignClient {
  let program: RunningProgram

  init(_ address: MeshModel.SocketAddress, identity: Identity? = nil, in directory: TemporaryDirectory) throws {
    var arguments = ["s_client", "-connect", "\(address)", "-alpn", "h2", "-quiet", "-nocommands", "-tls1_3"]
    if let identity {
      let pems = identity.certificate.chain.compactMap { CertificateSummary(der: $0)?.pem }
      let (leaf, chain, key) = ("\(directory.path)/leaf", "\(directory.path)/chain", "\(directory.path)/key")
      try pems[0].write(toFile: leaf, atomically: true, encoding: .utf8)
      try pems.dropFirst().joined().write(toFile: chain, atomically: true, encoding: .utf8)
      try Data(identity.key.bytes).write(to: URL(filePath: key))
      arguments += ["-cert", leaf, "-cert_chain", chain, "-key", key, "-keyform", "DER"]
    }
    // The preface of RFC 9113 section 3.4, and an empty SETTINGS frame.
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    program = try Command("openssl", arguments).with(\.input, preface).with(\.keepsInputOpen, true).start()
  }

  /// Waits for the server to close the connection.
  func waitForEnd() throws { _ = try program.waitForExit() }
}

/// A TCP connection that says nothing.
final class SilentClient {
  private let socket: Int32

  init(_ address: MeshModel.SocketAddress) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = address.port.bigEndian
    name.sin_addr.s_addr = address.ip.v4.bigEndian
    let isConnected = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw SilentListener.Failure(code: errno) }
  }

  deinit { close(socket) }

  /// Whether the server closes it within `limit_ms`.
  func isClosed(within limit_ms: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, limit_ms) == 1 else { return false }
    var byte: UInt8 = 0
    return recv(socket, &byte, 1, 0) <= 0
  }
}
