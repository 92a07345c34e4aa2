/// By what a document is told from all others of the mesh.
public struct DocumentKey: Hashable, Sendable {
  /// Its `kind`, such as `AuthorizationPolicy`.
  public let kind: String
  /// Its namespace; `default` where it names none.
  public let namespace: String
  /// Its name.
  public let name: String

  /// The key of that kind, namespace and name.
  public init(kind: String, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  init(_ kind: DocumentKind, namespace: String, name: String) {
    self.init(kind: kind.rawValue, namespace: namespace, name: name)
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }
}

extension DocumentKey: Comparable, CustomStringConvertible {
  /// By kind, namespace and name.
  public static func < (left: Self, right: Self) -> Bool {
    (left.kind, left.namespace, left.name) < (right.kind, right.namespace, right.name)
  }

  /// `AuthorizationPolicy shop/web`.
  public var description: String { "\(kind) \(fullName)" }
}
