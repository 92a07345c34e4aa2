/// What a record holds, or a question asks for (IANA, "Resource Record TYPEs").
public struct RecordType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number in messages.
  public let rawValue: UInt16

  /// A type by its number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// An IPv4 address (RFC 1035).
  public static let a = RecordType(rawValue: 1)
  /// A zone's server.
  public static let ns = RecordType(rawValue: 2)
  /// Another name for the same.
  public static let cname = RecordType(rawValue: 5)
  /// The start of a zone's authority.
  public static let soa = RecordType(rawValue: 6)
  /// A name, of an address for instance.
  public static let ptr = RecordType(rawValue: 12)
  /// A host's kind; what ANY is answered with (RFC 8482).
  public static let hinfo = RecordType(rawValue: 13)
  /// Who takes a domain's mail.
  public static let mx = RecordType(rawValue: 15)
  /// Text.
  public static let txt = RecordType(rawValue: 16)
  /// An IPv6 address (RFC 3596).
  public static let aaaa = RecordType(rawValue: 28)
  /// A service's host and port (RFC 2782).
  public static let srv = RecordType(rawValue: 33)
  /// EDNS (RFC 6891); no record of a zone.
  public static let opt = RecordType(rawValue: 41)
  /// A zone's changes (RFC 1995); only in questions.
  public static let ixfr = RecordType(rawValue: 251)
  /// A whole zone (RFC 5936); only in questions.
  public static let axfr = RecordType(rawValue: 252)
  /// All that there is; only in questions.
  public static let any = RecordType(rawValue: 255)
}

extension RecordType: CustomStringConvertible {
  private static let names: [RecordType: String] = [
    .a: "A", .ns: "NS", .cname: "CNAME", .soa: "SOA", .ptr: "PTR", .hinfo: "HINFO", .mx: "MX", .txt: "TXT",
    .aaaa: "AAAA", .srv: "SRV", .opt: "OPT", .ixfr: "IXFR", .axfr: "AXFR", .any: "ANY",
  ]

  /// The name, or `TYPE` and the number (RFC 3597 section 5).
  public var description: String { Self.names[self] ?? "TYPE\(rawValue)" }
}

/// The class of a record or question. Only IN is in use.
public struct RecordClass: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number in messages.
  public let rawValue: UInt16

  /// A class by its number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The Internet.
  public static let `in` = RecordClass(rawValue: 1)
}

/// How a query went, with the upper bits that EDNS adds (IANA, "DNS RCODEs").
public struct ResponseCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// Twelve bits.
  public let rawValue: UInt16

  /// A code by its number; bits above the twelfth are left out.
  public init(rawValue: UInt16) { self.rawValue = rawValue & 0xfff }

  /// All went well.
  public static let noError = ResponseCode(rawValue: 0)
  /// The query could not be read.
  public static let formatError = ResponseCode(rawValue: 1)
  /// The server could not do its work.
  public static let serverFailure = ResponseCode(rawValue: 2)
  /// There is no such name.
  public static let nameError = ResponseCode(rawValue: 3)
  /// The server does not do such work.
  public static let notImplemented = ResponseCode(rawValue: 4)
  /// The server does not do it for this client, or at all.
  public static let refused = ResponseCode(rawValue: 5)
  /// An EDNS version that the server does not know (RFC 6891).
  public static let badVersion = ResponseCode(rawValue: 16)
}

extension ResponseCode: CustomStringConvertible {
  /// The name that `dig` prints.
  public var description: String {
    switch self {
    case .noError: "NOERROR"
    case .formatError: "FORMERR"
    case .serverFailure: "SERVFAIL"
    case .nameError: "NXDOMAIN"
    case .notImplemented: "NOTIMP"
    case .refused: "REFUSED"
    case .badVersion: "BADVERS"
    default: "RCODE\(rawValue)"
    }
  }
}
