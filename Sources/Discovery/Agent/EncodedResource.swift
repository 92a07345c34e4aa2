internal import FoundationEssentials

/// A resource as it is sent.
public struct EncodedResource: Hashable, Sendable {
  /// Stands for the content.
  public let version: ResourceVersion
  let body: Data

  /// The message, serialized.
  public var bytes: [UInt8] { [UInt8](body) }

  init(_ body: Data) {
    version = ResourceVersion(of: body)
    self.body = body
  }
}

/// What there is of a resource that a proxy asks for.
public enum ResourceState: Hashable, Sendable {
  /// The mesh has no such thing.
  case absent
  case present(EncodedResource)
  /// There is one and it cannot be sent; whoever has an older one keeps it.
  case unsendable(String)
}

/// Resources that were encoded, until they change. They can always be made again, so when there are too many all go.
struct ResourceCache: Sendable {
  private var resources: [ResourceKey: EncodedResource] = [:]
  /// Bytes of all of them.
  private(set) var bytes = 0
  private let limit: Int

  init(limit: Int = DiscoveryLimit.cacheBytes) { self.limit = limit }

  subscript(_ key: ResourceKey) -> EncodedResource? { resources[key] }

  mutating func put(_ resource: EncodedResource, at key: ResourceKey) {
    remove(key)
    guard resource.body.count <= limit else { return }
    if bytes + resource.body.count > limit {
      resources.removeAll()
      bytes = 0
    }
    resources[key] = resource
    bytes += resource.body.count
  }

  mutating func remove(_ key: ResourceKey) {
    if let old = resources.removeValue(forKey: key) { bytes -= old.body.count }
  }
}
