/// What the OPT record of a message says (RFC 6891 section 6.1.3).
public struct EDNS: Hashable, Sendable {
  /// The largest UDP message that its sender takes, in bytes.
  public var udpBytes: UInt16
  /// The upper eight bits of the response code.
  public var extendedCode: UInt8
  /// The version; only 0 exists.
  public var version: UInt8
  /// DO: whether signatures are wanted (RFC 3225).
  public var wantsSignatures: Bool
  /// Options in the order they came.
  public var options: [Option]

  /// What a message of ours says by default.
  public init(
    udpBytes: UInt16 = UInt16(DNSLimit.udpBytes),
    extendedCode: UInt8 = 0,
    version: UInt8 = 0,
    wantsSignatures: Bool = false,
    options: [Option] = []
  ) {
    self.udpBytes = udpBytes
    self.extendedCode = extendedCode
    self.version = version
    self.wantsSignatures = wantsSignatures
    self.options = options
  }

  /// One option.
  public struct Option: Hashable, Sendable {
    /// Its number (IANA, "DNS EDNS0 Option Codes").
    public var code: UInt16
    /// What it says.
    public var bytes: [UInt8]

    /// An option.
    public init(code: UInt16, bytes: [UInt8]) {
      self.code = code
      self.bytes = bytes
    }
  }

  /// What a response says to a client that said this: the same version and wish for signatures, no option of the
  /// client's.
  func response(_ error: ExtendedError? = nil) -> EDNS {
    EDNS(wantsSignatures: wantsSignatures, options: error.map { [$0.option] } ?? [])
  }
}

/// Why a query was answered with an error, for people (RFC 8914).
public struct ExtendedError: Hashable, Sendable {
  /// The option's number.
  public static let optionCode: UInt16 = 15

  /// What kind of reason it is (IANA, "Extended DNS Error Codes").
  public var code: UInt16
  /// The reason as a sentence.
  public var text: String

  /// Any reason that has no number of its own.
  public static let other: UInt16 = 0
  /// The server is not ready to serve.
  public static let notReady: UInt16 = 14
  /// None of the servers that could know can be reached.
  public static let noReachableAuthority: UInt16 = 22
  /// A server could be reached and did not answer as it should.
  public static let networkError: UInt16 = 23

  /// A reason; the text is cut to `DNSLimit.errorTextBytes`.
  public init(_ code: UInt16, _ text: String) {
    self.code = code
    self.text = text
  }

  /// Reads an option; nil for another one, or what is too short.
  public init?(_ option: EDNS.Option) {
    guard option.code == Self.optionCode, option.bytes.count >= 2 else { return nil }
    code = UInt16(option.bytes[0]) << 8 | UInt16(option.bytes[1])
    text = String(decoding: option.bytes[2...], as: UTF8.self)
  }

  /// The option that says it.
  public var option: EDNS.Option {
    var text = text
    while text.utf8.count > DNSLimit.errorTextBytes { text.removeLast() }
    return EDNS.Option(
      code: Self.optionCode,
      bytes: [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(text.utf8)
    )
  }
}
