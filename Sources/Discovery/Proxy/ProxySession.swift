public import MeshAPI
public import MeshModel

/// The proxy's side as a whole: its view of the mesh, and the stream by which it is kept. Everything is told to it and asked
/// of it by one thread.
public struct ProxySession: Sendable {
  /// What the proxy holds.
  public private(set) var view: ProxyView
  private var client: DeltaClient
  private var forgotten: [LookupKey] = []
  /// Responses refused.
  public private(set) var refused: UInt64 = 0
  /// Why the last of them was.
  public private(set) var lastRefusal: ResourceRefusal?

  /// A session without a stream.
  public init(_ node: ProxyNode, limits: ProxyView.Limits = ProxyView.Limits()) {
    view = ProxyView(node.workload, limits: limits)
    client = DeltaClient(node)
    subscribe()
  }

  /// Names subscribed to.
  public var subscriptionCount: Int { client.count }

  /// Whether there is a stream.
  public var isConnected: Bool { client.isConnected }

  /// There is a stream: what to send first.
  public mutating func connected() -> [DeltaRequest] { client.connected() }

  /// The stream is gone. The proxy goes on with what it has.
  public mutating func disconnected() { client.disconnected() }

  /// Somebody needs what stands behind a host or an address. `takeRequests` then has what to send.
  public mutating func want(_ key: LookupKey) -> ProxyView.Settlement {
    defer { subscribe() }
    return view.want(key)
  }

  /// Takes a response whole, or refuses it whole: what to send.
  public mutating func receive(_ response: DeltaResponse) -> [DeltaRequest] {
    switch client.take(response) {
    case .refused(let answer, let refusal):
      note(refusal)
      return client.isConnected ? [answer] : []
    case .offer(let offer):
      do throws(ResourceRefusal) {
        try view.take(offer)
      } catch {
        note(error)
        return client.reject(offer, error).map { [$0] } ?? []
      }
      let answer = client.accept(offer)
      subscribe()
      return (answer.map { [$0] } ?? []) + client.takeRequests()
    }
  }

  /// What is to be sent since the last time.
  public mutating func takeRequests() -> [DeltaRequest] { client.takeRequests() }

  /// The lookups that were waited for and may go on, once the snapshot is in force.
  public mutating func takeSettled() -> [LookupKey] { view.takeSettled() }

  /// What workers are to decide by, where that changed.
  public mutating func takeSnapshot() throws(SnapshotError) -> Snapshot? { try view.takeSnapshot() }

  /// Lookups that are kept up to date no more, since there were too many, since the last time.
  public mutating func takeForgotten() -> [LookupKey] {
    defer { forgotten = [] }
    return forgotten
  }

  private mutating func note(_ refusal: ResourceRefusal) {
    refused += 1
    lastRefusal = refusal
  }

  private mutating func subscribe() {
    for change in view.takeSubscriptions() {
      if change.isWanted {
        client.subscribe(change.key)
      } else {
        client.unsubscribe(change.key)
        if change.key.type == .lookup, let key = LookupKey(name: change.key.name, in: view.namespace) {
          forgotten.append(key)
        }
      }
    }
  }
}
