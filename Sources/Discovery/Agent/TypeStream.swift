internal import MeshAPI
internal import SwiftProtobuf

/// One type's part of a stream: what a proxy is subscribed to, what waits to be sent, and the one response that waits for
/// an answer.
struct TypeStream: Sendable {
  private struct Outstanding {
    let nonce: String
    let items: [SentItem]
  }

  let type: ResourceType
  private var subscriptions: [String: Subscription] = [:]
  private var queue = NameQueue()
  /// Parts of responses that were refused, to be sent each by itself: the last first.
  private var parts: [[String]] = []
  private var outstanding: Outstanding?

  /// What a proxy answered to a response.
  enum Answer {
    case taken
    /// How many resources and removals the response had.
    case refused(of: Int)
    case stale
  }

  init(_ type: ResourceType) { self.type = type }

  /// Names subscribed to.
  var count: Int { subscriptions.count }

  /// Places in the queue.
  var queued: Int { queue.count }

  func contains(_ name: String) -> Bool { subscriptions[name] != nil }

  /// Subscribes to a name of which the proxy says what it has. Another subscription to the same name has it sent again.
  mutating func subscribe(_ name: String, held: Known, serial: UInt64) {
    subscriptions[name] = Subscription(serial: serial, held: held)
    enqueue(name)
  }

  mutating func unsubscribe(_ name: String) { subscriptions[name] = nil }

  /// A resource may have changed.
  mutating func enqueue(_ name: String) {
    guard subscriptions[name]?.isQueued == false else { return }
    subscriptions[name]?.isQueued = true
    queue.append(name)
    if queue.count > 2 * subscriptions.count + DiscoveryLimit.requestNames {
      queue.compact { subscriptions[$0]?.isQueued == true }
    }
  }

  /// Takes an answer. A response of several that was refused is sent again in halves, since one wrong resource must not keep
  /// the others from the proxy; one that was refused by itself is not sent again until it changes.
  mutating func answer(nonce: String, isRefusal: Bool) -> Answer {
    guard let sent = outstanding, sent.nonce == nonce else { return .stale }
    outstanding = nil
    let items = sent.items.filter { subscriptions[$0.name]?.serial == $0.serial }
    guard isRefusal else {
      for item in items { subscriptions[item.name]?.refused = .nothing }
      return .taken
    }
    for item in items {
      subscriptions[item.name]?.held = item.before
      if sent.items.count == 1 { subscriptions[item.name]?.refused = item.sent }
    }
    if sent.items.count > 1 {
      let names = items.map(\.name)
      for name in names { subscriptions[name]?.isQueued = true }
      parts.append(Array(names[(names.count / 2)...]))
      parts.append(Array(names[..<(names.count / 2)]))
    }
    return .refused(of: sent.items.count)
  }

  /// What one response can have.
  struct Batch {
    var resources: [Envoy_Service_Discovery_V3_Resource] = []
    var removed: [String] = []
    var items: [SentItem] = []
    /// Of all of it, about.
    var bytes = 0
    /// Of the resources' content.
    var contentBytes = 0
    var unsendable: [String] = []

    /// What a resource or a name costs beside its texts.
    private static let overhead = 96

    var isFull: Bool { bytes >= DiscoveryLimit.responseBytes || items.count >= DiscoveryLimit.responseItems }

    mutating func add(_ resource: EncodedResource, _ name: String, _ type: ResourceType) {
      var message = Envoy_Service_Discovery_V3_Resource()
      message.name = name
      message.version = resource.version.description
      message.resource.typeURL = type.url
      message.resource.value = resource.body
      resources.append(message)
      contentBytes += resource.body.count
      bytes += resource.body.count + name.utf8.count + Self.overhead
    }

    mutating func add(removed name: String) {
      removed.append(name)
      bytes += name.utf8.count + Self.overhead
    }
  }

  /// The next response, unless one is outstanding or there is nothing that the proxy does not have.
  mutating func next(nonce: @autoclosure () -> String, _ look: (ResourceKey) -> ResourceState) -> (String, Batch)? {
    guard outstanding == nil else { return nil }
    var batch = Batch()
    while batch.items.isEmpty, let part = parts.popLast() {
      for name in part {
        // What has no room any more waits with the others.
        if batch.isFull, subscriptions[name]?.isQueued == true { queue.append(name) } else { fill(&batch, name, look) }
      }
    }
    if batch.items.isEmpty {
      while !batch.isFull, let name = queue.next() { fill(&batch, name, look) }
    }
    guard !batch.items.isEmpty || !batch.unsendable.isEmpty else { return nil }
    guard !batch.items.isEmpty else { return ("", batch) }
    let nonce = nonce()
    outstanding = Outstanding(nonce: nonce, items: batch.items)
    return (nonce, batch)
  }

  private mutating func fill(_ batch: inout Batch, _ name: String, _ look: (ResourceKey) -> ResourceState) {
    guard var subscription = subscriptions[name], subscription.isQueued else { return }
    subscription.isQueued = false
    defer { subscriptions[name] = subscription }
    let wanted: Known
    let state = look(ResourceKey(type, name))
    switch state {
    case .absent: wanted = .absent
    case .present(let resource): wanted = .version(resource.version)
    case .unsendable(let reason):
      batch.unsendable.append(reason)
      return
    }
    guard wanted != subscription.held, wanted != subscription.refused else { return }
    if case .present(let resource) = state { batch.add(resource, name, type) } else { batch.add(removed: name) }
    batch.items.append(SentItem(name: name, serial: subscription.serial, before: subscription.held, sent: wanted))
    subscription.held = wanted
  }
}
