internal import Kernel
internal import MeshModel
internal import Reactor

/// All that a worker keeps for what its rules do not know: whether there is somebody to ask, what it has asked, and what
/// waits for the answers.
struct Lookups: ~Copyable {
  /// Where questions go; nil where the proxy has no agent and never asks.
  let inbox: LookupInbox?
  /// Of the workload: what a name without one means.
  let ownNamespace: [UInt8]
  /// The agent is connected: questions are answered, and so may be waited for.
  var isLive = false
  let hash = LookupHash()
  var table = LookupTable()
  var connections = Slab<HeldConnection>(capacity: LookupLimit.held)
  var requests = Slab<HeldRequest>(capacity: LookupLimit.held)
  var hellos = Slab<HeldHello>(capacity: LookupLimit.held)
  var allowance = TokenBucket(burst: LookupLimit.perSecond, perSecond: LookupLimit.perSecond)
  /// When something has waited long enough, or earlier; `.max` where nothing waits.
  var deadline_ns = UInt64.max
  /// A question was left in the inbox this turn.
  var hasAsked = false

  init(_ inbox: LookupInbox?, namespace: String) {
    self.inbox = inbox
    ownNamespace = Array(namespace.utf8)
  }

  /// One more may be held.
  var hasRoom: Bool { connections.count + requests.count + hellos.count < LookupLimit.held }
  var isHolding: Bool { connections.count + requests.count + hellos.count > 0 }
}

/// A connection whose destination is being asked about. Nothing is dialled for it yet, and nothing of it read.
struct HeldConnection: ~Copyable {
  var arrival: Arrival
  let destination: SocketAddress
  let lookup: LookupFingerprint
}

/// A request that lies in its client's `held` bytes, head and what follows, until what it names is known.
struct HeldRequest: BitwiseCopyable {
  let client: Slot
  let lookup: LookupFingerprint
}

/// A connection whose hello lies in its `request.pending` until what it names is known.
struct HeldHello: BitwiseCopyable {
  let connection: Slot
  let lookup: LookupFingerprint
}
