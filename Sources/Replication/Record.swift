/// What a record is about: one per key and owner.
public struct RecordKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// A kind of record. Any text, so that agents pass on kinds that they do not know yet.
  public struct Kind: RawRepresentable, Hashable, Sendable {
    /// The kind's name, such as "AuthorizationPolicy".
    public let rawValue: String

    /// The kind of that name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The endpoints of one service on one host.
    public static let endpoints = Kind(rawValue: "endpoints")
    /// A policy document.
    public static let policy = Kind(rawValue: "policy")
  }

  /// The kind.
  public let kind: Kind
  /// The namespace; empty for what has none.
  public let namespace: String
  /// The name.
  public let name: String

  /// The key of that kind, namespace and name.
  public init(kind: Kind, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// By kind, namespace and name.
  public static func < (left: Self, right: Self) -> Bool {
    (left.kind.rawValue, left.namespace, left.name) < (right.kind.rawValue, right.namespace, right.name)
  }

  /// As in "policy shop/web".
  public var description: String { "\(kind.rawValue) \(namespace)/\(name)" }

  var isValid: Bool {
    !kind.rawValue.isEmpty && kind.rawValue.utf8.count <= ReplicationLimits.labelBytes && !name.isEmpty
      && namespace.utf8.count <= ReplicationLimits.labelBytes && name.utf8.count <= ReplicationLimits.nameBytes
  }
}

/// How long a record counts.
public enum Lifetime: UInt8, Sendable {
  /// While its owner is alive: endpoints. All owners' records of a key count together.
  case bound = 0
  /// Beyond its owner: documents. Of all owners' records of a key one wins.
  case lasting = 1
}

/// The latest that an owner wrote under a key.
public struct Record: Hashable, Sendable {
  /// What it is about.
  public let key: RecordKey
  /// Its place in what the owner wrote.
  public let version: Version
  /// When it was written.
  public let stamp: Stamp
  /// How long it counts.
  public let lifetime: Lifetime
  /// For a document, the writes that its writer had seen, ascending: it replaces these, and conflicts with any other.
  public let replaces: [Mark]
  /// The content; nil where the owner deleted it (a tombstone).
  public let content: [UInt8]?
  /// The owner's signature over all of the above and the owner.
  public internal(set) var signature: [UInt8]

  var isTombstone: Bool { content == nil }
}
