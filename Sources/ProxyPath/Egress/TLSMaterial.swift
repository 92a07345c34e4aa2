internal import Policy
internal import TransportSecurity

/// What TLS to servers outside the mesh is made of: the contents of the files that rules name, read by the control thread and
/// shared by all workers.
struct TLSMaterial: Sendable {
  var all: [ClusterTLS: One] = [:]

  /// That of one rule.
  enum One: Sendable {
    case usable(Credentials)
    /// Why not, as a clause.
    case unusable(String)
  }

  /// Whom to believe and what to show.
  final class Credentials: Sendable {
    let authorities: AuthorityStore
    let own: ClientCertificate?

    init(_ authorities: AuthorityStore, own: ClientCertificate?) {
      self.authorities = authorities
      self.own = own
    }
  }
}

/// One worker's side of it: contexts are made when first needed.
final class SecureClient {
  private let material: TLSMaterial.One
  private let keyLog: Int32?
  private var contexts: [ServerContext.Inside: ServerContext] = [:]

  init(_ material: TLSMaterial.One, keyLog: Int32?) {
    self.material = material
    self.keyLog = keyLog
  }

  /// Whether it would not differ.
  func isMade(of other: TLSMaterial.One) -> Bool {
    switch (material, other) {
    case (.usable(let own), .usable(let fresh)): own === fresh
    case (.unusable(let own), .unusable(let fresh)): own == fresh
    default: false
    }
  }

  /// A session with a server; an earlier one is taken up where there is one.
  func session(
    with expected: ServerExpectation,
    _ inside: ServerContext.Inside
  ) throws(SecureFailure) -> TLSSession {
    switch material {
    case .unusable(let reason): throw .noMaterial(reason)
    case .usable(let credentials):
      do throws(TransportSecurityError) {
        if let context = contexts[inside] { return try TLSSession(context, with: expected) }
        let made = try ServerContext(
          trusting: credentials.authorities,
          showing: credentials.own,
          inside: inside,
          keyLog: keyLog
        )
        contexts[inside] = made
        return try TLSSession(made, with: expected)
      } catch { throw .noMaterial("\(error)") }
    }
  }
}
