/// Why a message is not served. Each is counted by itself.
public enum DNSFault: UInt8, Error, CaseIterable, Hashable, Sendable {
  /// Fewer bytes than a header has. There is no id to answer to.
  case shortHeader
  /// A response where a query should be. To answer it could make two servers talk for ever.
  case response
  /// A query where a response should be.
  case query
  /// More bytes than `DNSLimit.messageBytes`.
  case tooLong
  /// The message ends within a name or record.
  case shortMessage
  /// Bytes behind the last record.
  case trailingBytes
  /// A label with a type other than plain (00) or pointer (11).
  case labelType
  /// A name beyond `DNSLimit.nameBytes`.
  case nameTooLong
  /// A pointer that does not lead strictly backwards, into the header, or one of more than `DNSLimit.pointers`.
  case pointer
  /// A record whose data is not as long as its type has it.
  case recordLength
  /// More than one OPT record, or one with a name, or outside the additional section (RFC 6891 section 6.1.1).
  case misplacedOPT
  /// An OPT record whose options do not fill it, or with more than `DNSLimit.options`.
  case malformedOPT
  /// A query with other than one question (RFC 9619).
  case questionCount
  /// A query with records in its answer or authority section.
  case queryWithRecords
  /// An opcode other than QUERY.
  case opcode
  /// An EDNS version other than 0.
  case ednsVersion
  /// A class other than IN.
  case recordClass
  /// A question that asks for a whole zone (AXFR, IXFR) or is about a message's own record (OPT).
  case questionType
}

extension DNSFault: CustomStringConvertible {
  /// A clause that says what was wrong.
  public var description: String {
    switch self {
    case .shortHeader: "the message is shorter than a header (\(DNSLimit.headerBytes) bytes)"
    case .response: "the message is a response, not a query"
    case .query: "the message is a query, not a response"
    case .tooLong: "the message is longer than \(DNSLimit.messageBytes) bytes"
    case .shortMessage: "the message ends within a name or record"
    case .trailingBytes: "there are bytes behind the last record"
    case .labelType: "a label is of a type that is not in use"
    case .nameTooLong: "a name is longer than \(DNSLimit.nameBytes) bytes"
    case .pointer: "a compressed name does not lead backwards"
    case .recordLength: "a record is not as long as its type has it"
    case .misplacedOPT: "an OPT record is misplaced, named or there twice"
    case .malformedOPT: "the options of the OPT record do not fill it, or are too many"
    case .questionCount: "the query does not have exactly one question"
    case .queryWithRecords: "the query has answers"
    case .opcode: "only standard queries are served"
    case .ednsVersion: "the EDNS version is not 0"
    case .recordClass: "only the class IN is served"
    case .questionType: "zone transfers and meta records are not served"
    }
  }

  /// The name by which it is counted.
  public var label: String {
    switch self {
    case .shortHeader: "short_header"
    case .response: "response"
    case .query: "query"
    case .tooLong: "too_long"
    case .shortMessage: "short_message"
    case .trailingBytes: "trailing_bytes"
    case .labelType: "label_type"
    case .nameTooLong: "name_too_long"
    case .pointer: "pointer"
    case .recordLength: "record_length"
    case .misplacedOPT: "misplaced_opt"
    case .malformedOPT: "malformed_opt"
    case .questionCount: "question_count"
    case .queryWithRecords: "query_with_records"
    case .opcode: "opcode"
    case .ednsVersion: "edns_version"
    case .recordClass: "class"
    case .questionType: "question_type"
    }
  }
}
