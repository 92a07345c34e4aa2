/// That both ends have proved who they are, and how: small enough to lie in every record (12 bytes).
struct PeerProof: BitwiseCopyable, Hashable, Sendable {
  /// TLS's version in tenths; 0 where there was no mutual TLS.
  var version: UInt8 = 0
  /// An earlier session was taken up.
  var isResumed = false
  /// Who is at the other end, and who this proxy is: numbers in the `IdentityBook`, 0 where it has none.
  var peer: UInt32 = 0
  var own: UInt32 = 0

  /// Came, or went, without mutual TLS.
  static let none = PeerProof()

  /// As OpenSSL says it.
  var versionText: StaticString {
    switch version {
    case 13: "TLSv1.3"
    case 12: "TLSv1.2"
    default: ""
    }
  }

  /// The number of a version as OpenSSL says it; another than those that peers are spoken with is not known.
  static func version(_ text: String) -> UInt8 {
    switch text {
    case "TLSv1.3": 13
    case "TLSv1.2": 12
    default: 0
    }
  }
}
