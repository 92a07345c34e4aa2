public import MeshAPI

/// The agent's side of one proxy's stream (delta xDS): requests and changes of the catalog come in, responses go out.
///
/// Each type has at most one response that waits for its answer; what changes meanwhile is looked at once, when the answer
/// is there, so a slow proxy gets fewer and never more.
public struct DeltaServer: Sendable {
  /// Who subscribes; nil before its first request.
  public private(set) var node: ProxyNode?
  /// What became of the stream so far.
  public private(set) var counts = DeltaCounts()
  /// Why the proxy refused a response last; empty where it never did.
  public private(set) var lastRefusal = ""
  /// Why a resource could not be sent last; empty where that never happened.
  public private(set) var lastUnsendable = ""

  private var types = ResourceType.allCases.map(TypeStream.init)
  private var serials: UInt64 = 0
  private let limit: Int

  /// A stream on which nothing came yet. `subscriptions`: names it may be subscribed to, of all types.
  public init(subscriptions: Int = DiscoveryLimit.subscriptions) { limit = subscriptions }

  /// Names that the proxy is subscribed to.
  public var subscriptionCount: Int { types.reduce(0) { $0 + $1.count } }

  /// Takes a request; an error ends the stream.
  public mutating func receive(
    _ request: DeltaRequest,
    from catalog: inout ResourceCatalog
  ) throws(StreamRefusal) -> [DeltaResponse] {
    if node == nil {
      guard request.hasNode else {
        throw StreamRefusal(.invalidArgument, "the first request of a stream must say which node it is from")
      }
      node = try ProxyNode(request.node)
    }
    guard let type = ResourceType(url: request.typeURL) else {
      let known = ResourceType.allCases.map(\.url).joined(separator: ", ")
      throw StreamRefusal(
        .invalidArgument,
        "type \"\(request.typeURL.cut(to: DiscoveryLimit.nodeBytes))\" is not one of \(known)"
      )
    }
    try check(request, type)
    if !request.responseNonce.isEmpty || request.hasErrorDetail { take(answer: request, type) }
    for name in request.resourceNamesUnsubscribe { types[Int(type.rawValue)].unsubscribe(name) }
    guard subscriptionCount + request.resourceNamesSubscribe.count <= limit else {
      throw StreamRefusal(.resourceExhausted, "a proxy may be subscribed to \(limit) names of all types, not more")
    }
    for name in request.resourceNamesSubscribe {
      serials += 1
      let held = request.initialResourceVersions[name].map(Known.init(told:)) ?? .nothing
      types[Int(type.rawValue)].subscribe(name, held: held, serial: serials)
    }
    return push(type, from: &catalog).map { [$0] } ?? []
  }

  /// Takes what changed in the catalog, as the catalog said.
  public mutating func changed(_ keys: Set<ResourceKey>, in catalog: inout ResourceCatalog) -> [DeltaResponse] {
    guard node != nil else { return [] }
    // In order, so that a run can be replayed.
    let hits = keys.filter { types[Int($0.type.rawValue)].contains($0.name) }.sorted()
    for key in hits { types[Int(key.type.rawValue)].enqueue(key.name) }
    return Set(hits.map(\.type)).sorted { $0.rawValue < $1.rawValue }.compactMap { push($0, from: &catalog) }
  }

  /// Before anything of the request is done.
  private func check(_ request: DeltaRequest, _ type: ResourceType) throws(StreamRefusal) {
    for name in request.resourceNamesSubscribe where name.isEmpty || name.utf8.count > DiscoveryLimit.nameBytes {
      throw StreamRefusal(
        .invalidArgument,
        "a name of type \(type) has \(name.utf8.count) bytes; names have 1 to \(DiscoveryLimit.nameBytes)"
      )
    }
  }

  private mutating func take(answer request: DeltaRequest, _ type: ResourceType) {
    let isRefusal = request.hasErrorDetail
    switch types[Int(type.rawValue)].answer(nonce: request.responseNonce, isRefusal: isRefusal) {
    case .stale: counts.stale += 1
    case .taken: counts.taken += 1
    case .refused(let items):
      counts.refused += 1
      let reason = request.errorDetail.message.cut(to: DiscoveryLimit.reasonBytes)
      lastRefusal = "\(reason) (\(type)" + (items > 1 ? ", a response of \(items), sent again in parts)" : ")")
    }
  }

  private mutating func push(_ type: ResourceType, from catalog: inout ResourceCatalog) -> DeltaResponse? {
    guard let node else { return nil }
    let number = counts.responses + 1
    let next = types[Int(type.rawValue)].next(nonce: String(number)) { catalog.resource($0, for: node) }
    guard let (nonce, batch) = next else { return nil }
    counts.unsendable += UInt64(batch.unsendable.count)
    lastUnsendable = batch.unsendable.last ?? lastUnsendable
    guard !batch.items.isEmpty else { return nil }
    counts.responses = number
    counts.resources += UInt64(batch.resources.count)
    counts.removals += UInt64(batch.removed.count)
    counts.bytes += UInt64(batch.contentBytes)
    var response = DeltaResponse()
    response.typeURL = type.url
    response.nonce = nonce
    response.resources = batch.resources
    response.removedResources = batch.removed
    return response
  }
}

extension Known {
  /// What a proxy says it has from before: a version, or that there is none. A version that is not ours is of another
  /// agent, so the resource is sent.
  fileprivate init(told text: String) {
    self = text.isEmpty ? .absent : ResourceVersion(text).map(Known.version) ?? .nothing
  }
}
