internal import DNS
internal import Glibc
internal import Kernel
internal import MeshModel

/// One try: a question to one server from a port of its own, by UDP or, where an answer did not fit that, by TCP. It waits for
/// nothing: what is to come is reported by the loop.
final class ResolverSocket {
  let server: SocketAddress
  let transport: DNSTransport
  private let descriptor: FileDescriptor
  private let token: UInt64
  /// What is not sent before the connection stands.
  private var unsent: [UInt8]?
  private var stream = MessageStream()
  private var received = 0

  /// Messages taken from a UDP socket in one turn: one answers the question, and what else comes is waited for by nobody.
  static let datagramsPerTurn = 16
  /// Bytes taken from a TCP connection in all: a message as long as can be, with its length (RFC 7766 section 8). A server that
  /// says more does not answer.
  static let streamBytes = 2 + DNSLimit.messageBytes

  /// What came.
  enum Heard: Equatable {
    case messages([[UInt8]])
    /// Nothing will: why, as the rest of a sentence that starts with the server's address.
    case failed(String)
  }

  /// Sends `message`, or begins to.
  init(
    _ message: [UInt8],
    to server: SocketAddress,
    by transport: DNSTransport,
    _ loop: borrowing Epoll,
    token: UInt64
  ) throws(ResolverSocketError) {
    self.server = server
    self.transport = transport
    self.token = token
    switch transport {
    case .udp:
      do throws(SystemError) {
        descriptor = try FileDescriptor.datagrams(to: server)
      } catch {
        throw ResolverSocketError("cannot be reached (\(Self.text(error.code)))")
      }
      switch message.withUnsafeBytes({ descriptor.transmit($0) }) {
      case .bytes: break
      case .wouldBlock: throw ResolverSocketError("cannot be reached (the socket takes nothing)")
      case .failed(let code): throw ResolverSocketError("cannot be reached (\(Self.text(code)))")
      }
      loop.add(descriptor, .readable, token: token)
    case .tcp:
      switch dial(server) {
      case .connecting(let dialled): descriptor = dialled
      case .failed(let code): throw ResolverSocketError("cannot be reached by TCP (\(Self.text(code)))")
      }
      unsent = MessageStream.framed(message)
      loop.add(descriptor, [.readable, .writable], token: token)
    }
  }

  /// The loop has something to tell of it.
  func hear(_ loop: borrowing Epoll) -> Heard {
    switch transport {
    case .udp: return hearDatagrams()
    case .tcp: return unsent.map { send($0, loop) } ?? hearStream()
    }
  }

  /// Sends the question when the connection stands.
  private func send(_ message: [UInt8], _ loop: borrowing Epoll) -> Heard {
    let code = descriptor.takeError()
    if code != 0 { return .failed("cannot be reached by TCP (\(Self.text(code)))") }
    switch message.withUnsafeBytes({ descriptor.transmit($0) }) {
    case .bytes(let count) where count == message.count: break
    // A question is shorter than what a new connection takes at once.
    case .bytes: return .failed("takes no question by TCP")
    case .wouldBlock: return .messages([])
    case .failed(let code): return .failed("cannot be reached by TCP (\(Self.text(code)))")
    }
    unsent = nil
    loop.rename(descriptor, .readable, token: token)
    return .messages([])
  }

  private func hearDatagrams() -> Heard {
    var messages: [[UInt8]] = []
    for _ in 0..<Self.datagramsPerTurn {
      let (outcome, bytes) = read(upTo: DNSLimit.messageBytes)
      switch outcome {
      case .bytes: messages.append(bytes)
      case .endOfStream: continue  // a message without a byte
      case .wouldBlock: return .messages(messages)
      case .failed(let code):
        return messages.isEmpty ? .failed("does not answer (\(Self.text(code)))") : .messages(messages)
      }
    }
    return .messages(messages)
  }

  private func hearStream() -> Heard {
    guard received < Self.streamBytes else { return .failed("says by TCP what is no answer") }
    let (outcome, bytes) = read(upTo: Self.streamBytes - received)
    switch outcome {
    case .bytes(let count):
      received += count
      return .messages(stream.take(bytes))
    case .wouldBlock: return .messages([])
    case .endOfStream: return .failed("closed the connection")
    case .failed(let code): return .failed("does not answer by TCP (\(Self.text(code)))")
    }
  }

  private func read(upTo count: Int) -> (ReadOutcome, [UInt8]) {
    withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { buffer in
      let outcome = descriptor.receive(into: buffer)
      if case .bytes(let count) = outcome { return (outcome, Array(buffer[..<count])) }
      return (outcome, [])
    }
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// Why nothing could be sent to a server.
struct ResolverSocketError: Error {
  /// The rest of a sentence that starts with the server's address.
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
