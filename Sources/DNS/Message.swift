/// A DNS message (RFC 1035 section 4.1), read strictly: it is as long as it says, or it is refused.
public struct Message: Hashable, Sendable {
  /// The id and the flags.
  public var header: MessageHeader
  /// What is asked for.
  public var questions: [Question]
  /// What is answered.
  public var answers: [ResourceRecord]
  /// Who is responsible for the name.
  public var authorities: [ResourceRecord]
  /// What may be of use beside; without the OPT record.
  public var additionals: [ResourceRecord]
  /// The OPT record.
  public var edns: EDNS?

  /// A message.
  public init(
    _ header: MessageHeader,
    questions: [Question] = [],
    answers: [ResourceRecord] = [],
    authorities: [ResourceRecord] = [],
    additionals: [ResourceRecord] = [],
    edns: EDNS? = nil
  ) {
    self.header = header
    self.questions = questions
    self.answers = answers
    self.authorities = authorities
    self.additionals = additionals
    self.edns = edns
  }

  /// Reads all of `bytes`.
  public init(_ bytes: [UInt8]) throws(DNSFault) {
    guard let header = MessageHeader(bytes) else { throw .shortHeader }
    guard bytes.count <= DNSLimit.messageBytes else { throw .tooLong }
    self.init(header)
    var reader = MessageReader(bytes)
    _ = try reader.take(4)
    let counts = (
      questions: try reader.takeUInt16(), answers: try reader.takeUInt16(), authorities: try reader.takeUInt16(),
      additionals: try reader.takeUInt16()
    )
    for _ in 0..<counts.questions { questions.append(try reader.takeQuestion()) }
    for _ in 0..<counts.answers { answers.append(try Self.record(&reader)) }
    for _ in 0..<counts.authorities { authorities.append(try Self.record(&reader)) }
    for _ in 0..<counts.additionals {
      switch try reader.takeEntry() {
      case .record(let record): additionals.append(record)
      case .edns(let found):
        guard edns == nil else { throw .misplacedOPT }
        edns = found
      }
    }
    guard reader.isAtEnd else { throw .trailingBytes }
  }

  private static func record(_ reader: inout MessageReader) throws(DNSFault) -> ResourceRecord {
    guard case .record(let record) = try reader.takeEntry() else { throw .misplacedOPT }
    return record
  }

  /// How the query went. Setting one beyond 15 takes an OPT record, without which its upper bits are lost.
  public var responseCode: ResponseCode {
    get { ResponseCode(rawValue: UInt16(edns?.extendedCode ?? 0) << 4 | header.codeBits) }
    set {
      header.codeBits = newValue.rawValue
      edns?.extendedCode = UInt8(truncatingIfNeeded: newValue.rawValue >> 4)
    }
  }
}
