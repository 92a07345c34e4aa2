internal import FoundationEssentials
public import MeshAPI
internal import SwiftProtobuf

/// The proxy's side of the stream (delta xDS): what is wanted comes in, requests go out, and responses become offers that
/// the owner takes or refuses.
///
/// It remembers the version of everything that was taken, so that on another stream nothing is sent again that it has. A
/// name that is known not to be there is told with an empty version, which is no agent's.
public struct DeltaClient: Sendable {
  /// Who asks.
  public let node: ProxyNode
  /// Whether there is a stream.
  public private(set) var isConnected = false
  private var types = ResourceType.allCases.map { _ in Wants() }
  private var streams: UInt64 = 0
  private var hasToldNode = false

  private struct Wants {
    var held: [String: Held] = [:]
    var subscribe = NameList()
    var unsubscribe = NameList()
  }

  private struct Held {
    /// Nil: nothing was told. Empty: there is none.
    var version: String?
    /// Whether a request of this stream has named it.
    var isAsked = false
  }

  /// A client without a stream.
  public init(_ node: ProxyNode) { self.node = node }

  /// Names wanted.
  public var count: Int { types.reduce(0) { $0 + $1.held.count } }

  /// Wants a resource from now on.
  public mutating func subscribe(_ key: ResourceKey) {
    let type = Int(key.type.rawValue)
    guard types[type].held[key.name] == nil else { return }
    types[type].held[key.name] = Held()
    if isConnected { types[type].subscribe.insert(key.name) }
  }

  /// Does not want it any more, and forgets it.
  public mutating func unsubscribe(_ key: ResourceKey) {
    let type = Int(key.type.rawValue)
    guard let held = types[type].held.removeValue(forKey: key.name) else { return }
    types[type].subscribe.remove(key.name)
    if held.isAsked { types[type].unsubscribe.insert(key.name) }
  }

  /// A stream is there: the requests that begin it.
  public mutating func connected() -> [DeltaRequest] {
    isConnected = true
    hasToldNode = false
    streams += 1
    for type in types.indices {
      types[type].unsubscribe = NameList()
      types[type].subscribe = NameList(types[type].held.keys.sorted())
      for name in types[type].held.keys { types[type].held[name]?.isAsked = false }
    }
    return takeRequests()
  }

  /// The stream is gone. Everything that was taken stays.
  public mutating func disconnected() { isConnected = false }

  /// What is to be told since the last time.
  public mutating func takeRequests() -> [DeltaRequest] {
    guard isConnected else { return [] }
    return ResourceType.allCases.flatMap { requests($0) }
  }

  private mutating func requests(_ type: ResourceType) -> [DeltaRequest] {
    let index = Int(type.rawValue)
    var requests: [DeltaRequest] = []
    while !types[index].subscribe.isEmpty || !types[index].unsubscribe.isEmpty {
      var request = DeltaRequest()
      request.typeURL = type.url
      // A name in both was wanted, then not, then again; in one request it means just that.
      request.resourceNamesUnsubscribe = types[index].unsubscribe.take(DiscoveryLimit.requestNames)
      let room = DiscoveryLimit.requestNames - request.resourceNamesUnsubscribe.count
      request.resourceNamesSubscribe = types[index].unsubscribe.isEmpty ? types[index].subscribe.take(room) : []
      for name in request.resourceNamesSubscribe {
        types[index].held[name]?.isAsked = true
        if let version = types[index].held[name]?.version { request.initialResourceVersions[name] = version }
      }
      if !hasToldNode {
        request.node = node.message
        hasToldNode = true
      }
      requests.append(request)
    }
    return requests
  }

  /// What becomes of a response.
  public enum Intake: Sendable {
    /// To be answered by `accept` or `reject`, now.
    case offer(Offer)
    /// It is no response that can be taken; this says so.
    case refused(DeltaRequest, ResourceRefusal)
  }

  /// Reads a response.
  public func take(_ response: DeltaResponse) -> Intake {
    do throws(ResourceRefusal) {
      return .offer(try offer(response))
    } catch {
      return .refused(Self.refusal(response.typeURL, response.nonce, error), error)
    }
  }

  private func offer(_ response: DeltaResponse) throws(ResourceRefusal) -> Offer {
    guard let type = ResourceType(url: response.typeURL) else {
      throw ResourceRefusal("", "type_url", "is none of the types that were asked for")
    }
    let held = types[Int(type.rawValue)].held
    var seen: Set<String> = []
    var items: [Offer.Item] = []
    for resource in response.resources {
      let key = ResourceKey(type, resource.name.cut(to: DiscoveryLimit.nameBytes))
      guard seen.insert(resource.name).inserted else { throw ResourceRefusal(key, "", "is there twice") }
      guard resource.hasResource, resource.resource.typeURL == type.url else {
        throw ResourceRefusal(key, "resource", "is not of type \(type.url)")
      }
      guard !resource.version.isEmpty, resource.version.utf8.count <= DiscoveryLimit.versionBytes else {
        throw ResourceRefusal(key, "version", "is empty or longer than \(DiscoveryLimit.versionBytes) bytes")
      }
      // What was unsubscribed while the response was under way.
      guard held[resource.name] != nil else { continue }
      items.append(.init(name: resource.name, version: resource.version, body: resource.resource.value))
    }
    for name in response.removedResources where !seen.insert(name).inserted {
      throw ResourceRefusal(ResourceKey(type, name.cut(to: DiscoveryLimit.nameBytes)), "", "is there twice")
    }
    return Offer(
      type: type,
      removed: response.removedResources.filter { held[$0] != nil },
      nonce: response.nonce,
      stream: streams,
      items: items
    )
  }

  /// The offer is in force: remembers what it brought. Nil where its stream is gone.
  public mutating func accept(_ offer: Offer) -> DeltaRequest? {
    let type = Int(offer.type.rawValue)
    for item in offer.items { types[type].held[item.name]?.version = item.version }
    for name in offer.removed { types[type].held[name]?.version = "" }
    guard isConnected, offer.stream == streams else { return nil }
    var request = DeltaRequest()
    request.typeURL = offer.type.url
    request.responseNonce = offer.nonce
    return request
  }

  /// The offer changes nothing. Nil where its stream is gone.
  public func reject(_ offer: Offer, _ refusal: ResourceRefusal) -> DeltaRequest? {
    guard isConnected, offer.stream == streams else { return nil }
    return Self.refusal(offer.type.url, offer.nonce, refusal)
  }

  private static func refusal(_ url: String, _ nonce: String, _ refusal: ResourceRefusal) -> DeltaRequest {
    var request = DeltaRequest()
    request.typeURL = url
    request.responseNonce = nonce
    request.errorDetail.code = Int32(StreamRefusal.Code.invalidArgument.rawValue)
    request.errorDetail.message = refusal.description
    return request
  }
}

/// Names in the order in which they came, each once.
private struct NameList: Sendable {
  private var names: [String] = []
  private var places: Set<String> = []

  init(_ names: [String] = []) {
    self.names = names
    places = Set(names)
  }

  var isEmpty: Bool { places.isEmpty }

  mutating func insert(_ name: String) {
    if places.insert(name).inserted { names.append(name) }
  }

  mutating func remove(_ name: String) {
    guard places.remove(name) != nil else { return }
    names.removeAll { $0 == name }
  }

  mutating func take(_ count: Int) -> [String] {
    let taken = Array(names.prefix(count))
    names.removeFirst(taken.count)
    places.subtract(taken)
    return taken
  }
}
