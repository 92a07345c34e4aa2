/// One connection to Serf's RPC, without the connection: requests become bytes, bytes become answers and events.
///
/// Serf puts no length before its messages. What follows a header depends on which request it answers, so a header with
/// an unknown number ends it all.
struct SerfRPC {
  /// What came of the bytes.
  enum Output: Hashable, Sendable {
    /// To the request of that number.
    case answer(UInt64, SerfAnswer)
    /// That request was not carried out; Serf's words.
    case refusal(UInt64, String)
    /// Of the stream.
    case event(SerfEvent)
  }

  /// A header that was read, whose body has not come.
  private struct Header {
    let number: UInt64
    let refusal: String
    /// What the body is; nil for an event of the stream.
    let answer: SerfAnswer.Kind?
  }

  /// Refusals that come without the body an answer has, whatever was asked.
  private static let bareRefusals = ["Handshake required", "Authentication required", "Unsupported command"]

  private var buffer: [UInt8] = []
  private var scanner = MessagePackScanner()
  private var header: Header?
  private var expected: [UInt64: SerfAnswer.Kind] = [:]
  private var streams: Set<UInt64> = []
  private var last: UInt64 = 0

  /// Requests without an answer yet.
  var waiting: Int { expected.count }

  /// The number and the bytes of a request.
  mutating func send(_ request: SerfRequest) throws(SerfRPCError) -> (UInt64, [UInt8]) {
    guard waiting < MembershipLimit.requests else { throw .tooManyRequests }
    last += 1
    expected[last] = request.answer
    // The stream's events bear the number of the request for it.
    if request == .stream { streams.insert(last) }
    var bytes = MessagePack.record(["Command": .text(request.command), "Seq": .integer(Int64(last))]).encoded
    if let body = request.body { bytes += body.encoded }
    return (last, bytes)
  }

  /// Takes bytes as they come, in whatever pieces. After an error, the connection is of no use any more.
  mutating func receive(_ bytes: some Sequence<UInt8>) throws(SerfRPCError) -> [Output] {
    buffer.append(contentsOf: bytes)
    var outputs: [Output] = []
    var start = 0
    while let count = try scan(from: start) {
      let value = try decode(start, count)
      start += count
      scanner = MessagePackScanner()
      if let output = try take(value) { outputs.append(output) }
    }
    buffer.removeSubrange(..<start)
    return outputs
  }

  private mutating func scan(from start: Int) throws(SerfRPCError) -> Int? {
    do { return try scanner.advance(in: buffer, from: start) } catch { throw .malformed(error) }
  }

  private func decode(_ start: Int, _ count: Int) throws(SerfRPCError) -> MessagePack {
    do { return try MessagePack(decoding: buffer, from: start, count: count) } catch { throw .malformed(error) }
  }

  /// A header, or the body of the one before.
  private mutating func take(_ value: MessagePack) throws(SerfRPCError) -> Output? {
    guard let header else { return try take(header: value) }
    self.header = nil
    guard let kind = header.answer else {
      guard let event = SerfEvent(value) else { throw .unexpected("an event of the stream") }
      return .event(event)
    }
    guard header.refusal.isEmpty else { return .refusal(header.number, header.refusal) }
    guard let answer = SerfAnswer(kind, value) else { throw .unexpected("an answer (\(kind))") }
    return .answer(header.number, answer)
  }

  private mutating func take(header value: MessagePack) throws(SerfRPCError) -> Output? {
    guard let number = value["Seq"]?.integer.flatMap({ UInt64(exactly: $0) }), let refusal = value["Error"]?.text else {
      throw .unexpected("a header")
    }
    if let kind = expected.removeValue(forKey: number) {
      if !refusal.isEmpty { streams.remove(number) }
      guard kind != .done, !Self.bareRefusals.contains(refusal) else {
        return refusal.isEmpty ? .answer(number, .done) : .refusal(number, refusal)
      }
      header = Header(number: number, refusal: refusal, answer: kind)
      return nil
    }
    guard streams.contains(number) else { throw .unexpected("the number of a request (\(number) is none)") }
    guard refusal.isEmpty else { throw .unexpected("an event (it says: \(refusal))") }
    header = Header(number: number, refusal: "", answer: nil)
    return nil
  }
}

/// Why a connection to Serf's RPC is of no use any more.
enum SerfRPCError: Error, Hashable, Sendable {
  /// Its bytes are no MessagePack that we read.
  case malformed(MessagePackError)
  /// There should have been this.
  case unexpected(String)
  /// More than `MembershipLimit.requests` wait for an answer.
  case tooManyRequests
}

extension SerfRPCError: CustomStringConvertible {
  /// One line: what was wrong.
  var description: String {
    switch self {
    case .malformed(let error): "Serf's RPC sent what cannot be read: \(error)"
    case .unexpected(let what): "Serf's RPC sent something else than \(what); it speaks version 1, as Serf 0.8 does"
    case .tooManyRequests: "\(MembershipLimit.requests) requests wait for Serf's answer; it may hang"
    }
  }
}
