/// The kinds of what the agent pushes, in the order in which a proxy asks for them.
public enum ResourceType: UInt8, Hashable, Sendable, CaseIterable {
  /// What is in force at a workload, whoever it talks to.
  case policies
  /// What stands behind an address or a host name.
  case lookup
  /// A service and what documents say of requests to it.
  case service
  /// The endpoints of a service.
  case endpoints

  /// What every type's URL begins with; the message's name follows.
  private static let prefix = "type.googleapis.com/weft.mesh.v1."

  /// The type's URL, which is that of its message.
  public var url: String {
    switch self {
    case .policies: Self.prefix + "Policies"
    case .lookup: Self.prefix + "Lookup"
    case .service: Self.prefix + "Service"
    case .endpoints: Self.prefix + "Endpoints"
    }
  }

  /// The type of a URL; nil for a type that is none of ours.
  public init?(url: String) {
    guard let type = Self.allCases.first(where: { $0.url == url }) else { return nil }
    self = type
  }
}

extension ResourceType: CustomStringConvertible {
  /// The word for it in a sentence.
  public var description: String {
    switch self {
    case .policies: "policies"
    case .lookup: "lookup"
    case .service: "service"
    case .endpoints: "endpoints"
    }
  }
}

/// One resource: its type and its name within the type.
public struct ResourceKey: Hashable, Sendable {
  /// What it is.
  public let type: ResourceType
  /// What it is called among its type.
  public let name: String

  /// A resource.
  public init(_ type: ResourceType, _ name: String) {
    self.type = type
    self.name = name
  }

  /// The one resource of its type, whose content depends on who asks.
  public static let policies = ResourceKey(.policies, "*")
}

extension ResourceKey: Comparable, CustomStringConvertible {
  /// By type, then name.
  public static func < (left: ResourceKey, right: ResourceKey) -> Bool {
    (left.type.rawValue, left.name) < (right.type.rawValue, right.name)
  }

  /// `service shop/web`.
  public var description: String { "\(type) \(name)" }
}
