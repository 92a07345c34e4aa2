/// A token (RFC 7519) whose signature, audience and times were right when it was verified.
public final class VerifiedToken: Sendable {
  /// `iss`.
  public let issuer: String
  /// `sub`; empty where it has none.
  public let subject: String
  /// `aud`, one or many.
  public let audiences: [String]
  /// `azp`, whom it was issued to; empty where it has none.
  public let presenter: String
  /// All claims.
  public let claims: ClaimValue
  /// `exp`, in seconds since 1970; nil where it never expires.
  public let expires_s: Int64?
  /// The payload as it came, in base64url.
  public let payload: [UInt8]
  /// What its rule gives the program, as `name: value CRLF`, one after the other; empty where it gives nothing.
  public let forwardedFields: [UInt8]

  /// A token that was verified, or for tests one that is taken to be.
  public init(
    issuer: String,
    subject: String = "",
    audiences: [String] = [],
    presenter: String = "",
    claims: ClaimValue = .object([]),
    expires_s: Int64? = nil,
    payload: [UInt8] = [],
    forwardedFields: [UInt8] = []
  ) {
    self.issuer = issuer
    self.subject = subject
    self.audiences = audiences
    self.presenter = presenter
    self.claims = claims
    self.expires_s = expires_s
    self.payload = payload
    self.forwardedFields = forwardedFields
  }

  /// `issuer/subject`, for people. Policies compare the two apart: an issuer may hold a slash, and so may a subject.
  public var requestPrincipal: String { "\(issuer)/\(subject)" }
}
