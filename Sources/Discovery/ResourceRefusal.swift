internal import MeshModel

/// Why a proxy does not take a response: which resource, where in it, and what is wrong there.
public struct ResourceRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// `service shop/web`; empty where the response as a whole is wrong.
  public let resource: String
  /// The path of the field, such as `routes[0].rules[1].matches`; empty for the whole resource.
  public let place: String
  /// What is wrong there.
  public let message: String

  init(_ resource: String, _ place: String, _ message: String) {
    self.resource = resource
    self.place = place
    self.message = message
  }

  init(_ key: ResourceKey, _ place: String = "", _ message: String) {
    self.init(key.description, place, message)
  }

  /// One line, short enough to be sent.
  public var description: String {
    [resource, place, message].filter { !$0.isEmpty }.joined(separator: ": ").cut(to: DiscoveryLimit.reasonBytes)
  }
}
