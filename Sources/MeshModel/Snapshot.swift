/// One immutable, validated, versioned value that holds all a proxy needs to decide.
public struct Snapshot: Hashable, Sendable {
  /// The file format this code reads and writes; another number is refused.
  public static let formatVersion = 2

  /// Hash of the content, sixteen hexadecimal digits: equal for equal documents, whatever files they came from.
  public let revision: String
  /// What may connect to whom, ordered by namespace, then name, each pair once.
  public let policies: [NetworkPolicy]
  /// What becomes of requests; each list is ordered likewise.
  public let mesh: MeshConfiguration

  /// Validates `policies` and `mesh` by `SnapshotLimits` and the rules of Kubernetes' syntax; the error names the
  /// place.
  public init(policies: [NetworkPolicy], mesh: MeshConfiguration = .empty) throws(SnapshotError) {
    try SnapshotValidation.check(policies)
    try MeshValidation.check(mesh)
    self.policies = try policies.ordered("policies")
    self.mesh = try mesh.ordered()
    do {
      self.revision = try ContentHash.revision(of: Content(self.policies, self.mesh))
    } catch {
      throw SnapshotError("", "cannot be hashed: \(error)")
    }
  }

  /// What the revision is a hash of.
  private struct Content: Encodable {
    let formatVersion = Snapshot.formatVersion
    let policies: [NetworkPolicy]
    let mesh: MeshConfiguration

    init(_ policies: [NetworkPolicy], _ mesh: MeshConfiguration) {
      self.policies = policies
      self.mesh = mesh
    }
  }
}

/// Why a snapshot was refused: where in it, and what is wrong there.
public struct SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the field, such as `policies[3].ingress[0].ports[1]`; empty for the whole.
  public let place: String
  /// What is wrong there and, where it helps, what would be right.
  public let message: String

  init(_ place: String, _ message: String) {
    self.place = place
    self.message = message
  }

  /// One line that names the place.
  public var description: String { place.isEmpty ? "snapshot: \(message)" : "snapshot: \(place): \(message)" }
}

extension Snapshot {
  /// The snapshot without documents: it restricts nobody and knows no service.
  public static let empty = Snapshot()

  private init() {
    self.policies = []
    self.mesh = .empty
    // Nothing in it can fail to be encoded; the text is only for the compiler, and a test compares the two ways.
    self.revision = (try? ContentHash.revision(of: Content([], .empty))) ?? ""
  }
}
