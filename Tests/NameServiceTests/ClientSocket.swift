import DNS
import Glibc
import MeshModel

@testable import WeftTestKit

/// A client's socket, connected to the name server, so that only what comes from there is read.
final class ClientSocket: Sendable {
  private let descriptor: Int32

  init(_ server: SocketAddress, _ transport: DNSTransport) throws {
    let kind = transport == .udp ? Int32(SOCK_DGRAM.rawValue) : Int32(SOCK_STREAM.rawValue)
    descriptor = socket(server.ip.isIPv4 ? AF_INET : AF_INET6, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(errno)") }
    guard server.withRaw({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let code = errno
      Glibc.close(descriptor)
      throw TestKitError("connect \(server): errno \(code)")
    }
  }

  deinit { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    repeat {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count >= 0 else { throw TestKitError("send: errno \(errno)") }
      rest = rest.dropFirst(count)
    } while !rest.isEmpty
  }

  /// The next bytes; none at the end of a connection, nil where there are none within `limit`.
  func receive(within limit: Duration = Deadline.usual) throws -> [UInt8]? {
    var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&event, 1, Deadline(limit).millisecondsLeft) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { return [] }
    return Array(bytes.prefix(count))
  }

  /// Sends no more.
  func endInput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next message of a TCP connection; nil at its end.
  func message(_ stream: inout MessageStream) throws -> [UInt8]? {
    while true {
      if let message = stream.take(limit: 1).first { return message }
      guard let bytes = try receive() else { throw TestKitError("no whole message in time") }
      guard !bytes.isEmpty else { return nil }
      _ = stream.take(bytes, limit: 0)
    }
  }
}

/// A query as programs send it.
func query(_ name: String, _ type: RecordType = .a, id: UInt16 = 1, edns: EDNS? = nil) throws -> [UInt8] {
  guard let name = DomainName(name) else { throw TestKitError("\(name) is no name") }
  var header = MessageHeader(id: id)
  header.isRecursionDesired = true
  return Message(header, questions: [Question(name, type)], edns: edns).encode()
}
