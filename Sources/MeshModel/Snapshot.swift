/// One immutable, validated, versioned value that holds all a proxy needs to decide.
public struct Snapshot: Hashable, Sendable {
  /// The file format this code reads and writes; another number is refused.
  public static let formatVersion = 1

  /// Hash of the content, sixteen hexadecimal digits: equal for equal policies, whatever files they came from.
  public let revision: String
  /// Ordered by namespace, then name, each pair once.
  public let policies: [NetworkPolicy]

  /// Validates `policies` by `SnapshotLimits` and the rules of Kubernetes' syntax; the error names the place.
  public init(policies: [NetworkPolicy]) throws(SnapshotError) {
    try SnapshotValidation.check(policies)
    let ordered = policies.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    for (one, next) in zip(ordered, ordered.dropFirst()) where one.fullName == next.fullName {
      throw SnapshotError("policies", "two are called \(one.fullName)")
    }
    var hash = ContentHash()
    hash.combine(Self.formatVersion)
    hash.combine(ordered) { $0.combine($1) }
    self.policies = ordered
    self.revision = hash.text
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
  /// The snapshot without policies: it restricts nobody.
  public static let empty = Snapshot()

  private init() {
    var hash = ContentHash()
    hash.combine(Self.formatVersion)
    hash.combine([NetworkPolicy]()) { $0.combine($1) }
    self.policies = []
    self.revision = hash.text
  }
}
