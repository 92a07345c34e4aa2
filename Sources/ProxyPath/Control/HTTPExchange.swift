internal import Kernel
internal import Reactor

/// One request on the admin, metrics or health listener: read a head, answer, close. For operators and probes, not
/// for traffic, so it may allocate; every size and time is bounded all the same.
struct HTTPExchange: ~Copyable {
  /// A probe's or curl's head has a few hundred bytes.
  static let headLimit = 8 << 10
  /// On the admin socket: a question about a request has that request's fields in it.
  static let questionLimit = 16 << 10
  /// Exchanges open at once on the listeners of one role: a scrape, a few probes, an operator or two. A newcomer beyond
  /// them ends the oldest, so that clients that say nothing keep nobody out, least of all the probes of `/ready`.
  static let limitPerRole = 32
  static let concurrentLimit = limitPerRole * Role.allCases.count
  /// Bytes beyond a head, such as a body, that are read and forgotten: closing with unread bytes would reset the
  /// connection and could take the answer with it.
  private static let ignoredLimit = 64 << 10
  /// Ticks (250 ms) from accept to the last byte of the answer.
  static let ticks: UInt32 = 20

  /// Which listener it came by.
  enum Role: UInt8, CaseIterable { case admin, metrics, health }

  let socket: FileDescriptor
  let role: Role
  /// Counts the exchanges: which of two came first.
  let number: UInt64
  private var received: [UInt8] = []
  private var response: [UInt8] = []
  private var sent = 0
  private(set) var isAnswering = false

  /// What comes next.
  enum Step {
    case waiting
    case request(HTTPRequest)
    case done
  }

  init(_ socket: consuming FileDescriptor, _ role: Role, number: UInt64 = 0) {
    self.socket = socket
    self.role = role
    self.number = number
  }

  /// Takes what has arrived.
  mutating func read(through scratch: UnsafeMutableRawBufferPointer) -> Step {
    let limit = role == .admin ? Self.questionLimit : Self.headLimit
    while !isAnswering {
      switch socket.receive(into: scratch) {
      case .bytes(let count):
        received.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        if let request = HTTPRequest(head: received) {
          ignoreRest(scratch)
          return .request(request)
        }
        guard received.count <= limit else {
          ignoreRest(scratch)
          return answer(.text(431, "Request Header Fields Too Large", "a head has at most \(limit) bytes"))
        }
      case .wouldBlock: return .waiting
      case .endOfStream, .failed: return .done
      }
    }
    return .waiting
  }

  private func ignoreRest(_ scratch: UnsafeMutableRawBufferPointer) {
    var left = Self.ignoredLimit
    while left > 0, case .bytes(let count) = socket.receive(into: scratch) { left -= count }
  }

  /// Starts to send `response`, to a HEAD without its body (RFC 9110 section 9.3.2).
  mutating func answer(_ response: HTTPResponse, withoutBody: Bool = false) -> Step {
    isAnswering = true
    self.response = withoutBody ? Array(response.bytes.prefix(response.headCount)) : response.bytes
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

/// The request line of a GET, HEAD or POST; its headers and what follows them do not matter here.
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
    for byte in self where byte != UInt8(ascii: "\r") {
      if byte == UInt8(ascii: "\n"), isLineEmpty { return true }
      isLineEmpty = byte == UInt8(ascii: "\n")
    }
    return false
  }
}

/// An answer that closes the connection.
struct HTTPResponse {
  let bytes: [UInt8]
  let headCount: Int

  init(_ status: Int, _ reason: String, type: String = "text/plain; charset=utf-8", body: [UInt8]) {
    let head =
      "HTTP/1.1 \(status) \(reason)\r\nserver: weft\r\ncontent-type: \(type)\r\ncontent-length: \(body.count)\r\n"
      + "connection: close\r\n\r\n"
    bytes = Array(head.utf8) + body
    headCount = head.utf8.count
  }

  /// The answer has been sent another way.
  static let nothing = HTTPResponse(raw: [])

  private init(raw: [UInt8]) {
    bytes = raw
    headCount = raw.count
  }

  /// An answer in words.
  static func text(_ status: Int, _ reason: String, _ body: String) -> HTTPResponse {
    HTTPResponse(status, reason, body: Array("\(body)\n".utf8))
  }
}
