internal import MeshModel

/// Tells by `apiVersion` and `kind` what a document is, and reads it accordingly.
enum DocumentKind {
  private static let networkPolicy = "NetworkPolicy"
  private static let networkPolicyVersion = "networking.k8s.io/v1"
  private static let lists = ["List": "v1", "NetworkPolicyList": networkPolicyVersion]

  /// The policies of a document: one, or those of a list. Each comes with the field that names it.
  static func policies(_ document: Field) -> [(Field, NetworkPolicy)] {
    guard let kind = kind(document) else { return [] }
    if lists[kind] != nil { return items(document) }
    return NetworkPolicyReader.read(document).map { [$0] } ?? []
  }

  /// The kind, where it is one we read in the right version.
  private static func kind(_ document: Field) -> String? {
    guard let pairs = document.anyObject() else { return nil }
    guard let kindField = pairs.last(where: { $0.name == "kind" })?.value, !kindField.isNull else {
      document.error("kind is missing; wanted is kind: \(networkPolicy)")
      return nil
    }
    guard let kind = kindField.text() else { return nil }
    guard let version = kind == networkPolicy ? networkPolicyVersion : lists[kind] else {
      let known = [networkPolicy] + lists.keys.sorted()
      kindField.error("\"\(kind)\" is not supported; \(Suggestion.clause(for: kind, among: known))")
      return nil
    }
    guard let versionField = pairs.last(where: { $0.name == "apiVersion" })?.value, !versionField.isNull else {
      document.error("apiVersion is missing; wanted is apiVersion: \(version)")
      return nil
    }
    guard let found = versionField.text() else { return nil }
    guard found == version else {
      versionField.error("\"\(found)\" is not the version of \(kind); wanted is \(version)")
      return nil
    }
    return kind
  }

  private static func items(_ document: Field) -> [(Field, NetworkPolicy)] {
    guard let fields = document.object(["apiVersion", "kind", "metadata", "items"]) else { return [] }
    let items = fields["items"]?.list(limit: SnapshotLimits.maxPolicies) ?? []
    return items.compactMap { item in
      guard let kind = kind(item) else { return nil }
      guard kind == networkPolicy else {
        item.error("a list within a list is not supported")
        return nil
      }
      return NetworkPolicyReader.read(item)
    }
  }
}
