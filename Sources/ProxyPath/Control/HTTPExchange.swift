internal import Kernel
internal import Reactor

/// One request on the admin, metrics or health listener: read a head, answer, close. For operators and probes, not
/// for traffic, so it may allocate; every size and time is bounded all the same.
struct HTTPExchange: ~Copyable {
  /// A probe's or curl's head has a few hundred bytes.
  static let headLimit = 8 << 10
  /// Exchanges open at once: a scrape, a few probes, an operator or two. More wait in the kernel.
  static let concurrentLimit = 64
  /// Ticks (250 ms) from accept to the last byte of the answer.
  static let ticks: UInt32 = 20

  enum Role: UInt8 { case admin, metrics, health }

  let socket: FileDescriptor
  let role: Role
  private var received: [UInt8] = []
  private var response: [UInt8] = []
  private var sent = 0
  private(set) var isAnswering = false

  enum Step {
    case waiting
    case request(HTTPRequest)
    case done
  }

  init(_ socket: consuming FileDescriptor, _ role: Role) {
    self.socket = socket
    self.role = role
  }

  /// Takes what has arrived.
  mutating func read(through scratch: UnsafeMutableRawBufferPointer) -> Step {
    while !isAnswering {
      switch socket.receive(into: scratch) {
      case .bytes(let count):
        received.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        guard received.count <= Self.headLimit else { return .done }
        if let request = HTTPRequest(head: received) { return .request(request) }
      case .wouldBlock: return .waiting
      case .endOfStream, .failed: return .done
      }
    }
    return .waiting
  }

  mutating func answer(_ response: HTTPResponse) -> Step {
    isAnswering = true
    self.response = response.bytes
    return write()
  }

  /// Sends what the peer takes; done when all is sent.
  mutating func write() -> Step {
    while sent < response.count {
      let outcome = response.withUnsafeBytes { socket.transmit(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
      switch outcome {
      case .bytes(let count): sent += count
      case .wouldBlock: return .waiting
      case .failed: return .done
      }
    }
    return .done
  }
}

/// The request line of a GET, HEAD or POST; its headers do not matter here.
struct HTTPRequest {
  let method: String
  /// As sent (RFC 9112 section 3.2.1).
  let target: String

  /// Nil until the head is whole; an unreadable one becomes a request that no page answers.
  init?(head: [UInt8]) {
    guard head.hasEmptyLine else { return nil }
    let line = head.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    let isReadable = words.count == 3 && words[2].hasPrefix("HTTP/1.")
    method = isReadable ? String(words[0]) : ""
    target = isReadable ? String(words[1]) : ""
  }
}

extension [UInt8] {
  /// Whether an empty line ends the head; lines may end in a bare LF, as hand-typed probes send. What comes behind it,
  /// such as a body, is of no interest here.
  fileprivate var hasEmptyLine: Bool {
    var isLineEmpty = false
    for byte in self where byte != 13 {
      if byte == 10, isLineEmpty { return true }
      isLineEmpty = byte == 10
    }
    return false
  }
}

/// An answer that closes the connection.
struct HTTPResponse {
  let bytes: [UInt8]

  init(_ status: Int, _ reason: String, type: String = "text/plain; charset=utf-8", body: [UInt8]) {
    let head =
      "HTTP/1.1 \(status) \(reason)\r\nserver: weft\r\ncontent-type: \(type)\r\ncontent-length: \(body.count)\r\n"
      + "connection: close\r\n\r\n"
    bytes = Array(head.utf8) + body
  }

  /// The answer has been sent another way.
  static let nothing = HTTPResponse(raw: [])

  private init(raw: [UInt8]) { bytes = raw }

  static func text(_ status: Int, _ reason: String, _ body: String) -> HTTPResponse {
    HTTPResponse(status, reason, body: Array("\(body)\n".utf8))
  }
}
