internal import Balancing
internal import MeshModel
internal import Policy
internal import Reactor

/// What a worker knows of one endpoint: how it fares, and the connections to it that wait for work.
struct Target: BitwiseCopyable {
  let address: SocketAddress
  /// How it is spoken to; the same address may be an endpoint of services that say different things of it.
  let way: TargetWay
  /// Clusters, clients and connections that refer to it; with the last the entry goes.
  var references: UInt32 = 0
  /// Clusters that it is an endpoint of.
  var clusters: UInt32 = 0
  /// It was an endpoint of some, and is of none any more.
  var hasLeft = false
  /// Documents say that it speaks HTTP/2.
  var speaksHTTP2 = false
  /// Requests under way.
  var pending: UInt32 = 0
  /// Latest idle connection, by its index in the slab; `.max` for none.
  var newestIdle = UInt32.max
  var oldestIdle = UInt32.max
  var idleCount: UInt32 = 0
  /// The connection that the last stream to it went over, where it is asked by streams: asked first for the next.
  var carrier = Slot.nowhere
  var latency: PeakEWMA
  var health = EndpointHealth()
  /// What NetworkPolicies say of it, and which of them.
  var verdict: Verdict?
  var verdictVersion: UInt32 = 0
  /// The next entry with the same hash, or the next free one.
  fileprivate var next = UInt32.max

  init(_ address: SocketAddress, _ way: TargetWay = .usual, now_ns: UInt64) {
    self.address = address
    self.way = way
    latency = PeakEWMA(now_ns: now_ns)
  }
}

/// The endpoints a worker deals with, by address and way: a chained hash table whose entries keep their place.
struct TargetTable: ~Copyable {
  private var entries: [Target] = []
  /// Whose proxy is asked in an endpoint's place, where it has one: by the entry's place.
  private var peers: [PeerKey?] = []
  private var heads: [UInt32]
  /// Each TLS that rules ever asked for, by its number: as many as documents were edited to say, some hundred bytes each.
  private var settings: [ClusterTLS] = []
  private var firstFree = UInt32.max
  private(set) var count = 0
  /// An endpoint has left since this was asked for.
  private var hasDepartures = false

  /// Chains: twice as many as a worker's usual number of endpoints, so that a chain has one entry.
  private static let initialChains = 256

  init() { heads = Array(repeating: .max, count: Self.initialChains) }

  /// The entry of `address`, of that way, or of any; nil where there is none.
  func find(_ address: SocketAddress, _ way: TargetWay? = nil) -> UInt32? {
    var index = heads[place(address)]
    while index != .max {
      if entries[Int(index)].address == address, way == nil || entries[Int(index)].way == way { return index }
      index = entries[Int(index)].next
    }
    return nil
  }

  /// The entry of `address`, made where there is none; the caller holds a reference on it from now on.
  mutating func retain(_ address: SocketAddress, _ way: TargetWay = .usual, now_ns: UInt64) -> UInt32 {
    guard let index = find(address, way) else { return insert(address, way, now_ns) }
    entries[Int(index)].references += 1
    return index
  }

  /// Another one needs the entry.
  mutating func retain(_ index: UInt32) { entries[Int(index)].references += 1 }

  /// Gives a reference back.
  mutating func release(_ index: UInt32) {
    entries[Int(index)].references -= 1
    if entries[Int(index)].references == 0 { remove(index) }
  }

  /// The entry of an endpoint of a cluster, which holds a reference on it from now on.
  mutating func enlist(
    _ endpoint: Endpoint,
    _ way: TargetWay = .usual,
    speaksHTTP2: Bool = false,
    now_ns: UInt64
  ) -> UInt32 {
    let index = retain(endpoint.address, way, now_ns: now_ns)
    peers[Int(index)] = way.peer(of: endpoint)
    entries[Int(index)].clusters += 1
    entries[Int(index)].hasLeft = false
    entries[Int(index)].speaksHTTP2 = speaksHTTP2
    return index
  }

  /// Whose proxy is asked in its place; nil where the endpoint itself is.
  func peer(of index: UInt32) -> PeerKey? { peers[Int(index)] }

  /// The way that a rule asks for.
  mutating func way(_ security: EndpointSecurity?) -> TargetWay {
    switch security {
    case nil: return .usual
    case .plaintext?: return .plain
    case .mesh?: return .mesh
    case .tls(let wanted)?:
      let number = settings.firstIndex(of: wanted) ?? settings.count
      if number == settings.count { settings.append(wanted) }
      return TargetWay(number, asksName: wanted.asksName)
    }
  }

  /// The TLS that a way is; nil where it is none of a rule's own.
  func settings(of way: TargetWay) -> ClusterTLS? { way.number.map { settings[$0] } }

  /// Whose proxy is asked in the place of an address that is no cluster's endpoint; nil for that address itself.
  mutating func lead(_ index: UInt32, through peer: PeerKey?) {
    if entries[Int(index)].clusters == 0 { peers[Int(index)] = peer }
  }

  /// A cluster has this endpoint no more, and gives its reference back.
  mutating func dismiss(_ index: UInt32) {
    entries[Int(index)].clusters -= 1
    if entries[Int(index)].clusters == 0 {
      entries[Int(index)].hasLeft = true
      hasDepartures = true
    }
    release(index)
  }

  /// Whether endpoints have left since the last call.
  mutating func takeDepartures() -> Bool {
    defer { hasDepartures = false }
    return hasDepartures
  }

  subscript(index: UInt32) -> Target {
    get { entries[Int(index)] }
    _modify { yield &entries[Int(index)] }
  }

  /// All entries at once, for the balancer, which looks at two.
  mutating func withEntries<Result>(_ body: (UnsafeMutablePointer<Target>) -> Result) -> Result? {
    entries.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) }
  }

  private mutating func insert(_ address: SocketAddress, _ way: TargetWay, _ now_ns: UInt64) -> UInt32 {
    if count >= heads.count { grow() }
    let index: UInt32
    if firstFree != .max {
      index = firstFree
      firstFree = entries[Int(index)].next
      entries[Int(index)] = Target(address, way, now_ns: now_ns)
      peers[Int(index)] = nil
    } else {
      index = UInt32(entries.count)
      entries.append(Target(address, way, now_ns: now_ns))
      peers.append(nil)
    }
    let head = place(address)
    entries[Int(index)].next = heads[head]
    entries[Int(index)].references = 1
    heads[head] = index
    count += 1
    return index
  }

  private mutating func remove(_ index: UInt32) {
    let head = place(entries[Int(index)].address)
    if heads[head] == index {
      heads[head] = entries[Int(index)].next
    } else {
      var before = heads[head]
      while entries[Int(before)].next != index { before = entries[Int(before)].next }
      entries[Int(before)].next = entries[Int(index)].next
    }
    entries[Int(index)].next = firstFree
    firstFree = index
    count -= 1
  }

  private mutating func grow() {
    var live: [UInt32] = []
    for head in heads {
      var index = head
      while index != .max {
        live.append(index)
        index = entries[Int(index)].next
      }
    }
    heads = Array(repeating: .max, count: 2 * heads.count)
    for index in live {
      let head = place(entries[Int(index)].address)
      entries[Int(index)].next = heads[head]
      heads[head] = index
    }
  }

  private func place(_ address: SocketAddress) -> Int {
    var hash = address.ip.low ^ address.ip.high &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(address.port) << 32
    hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
    return Int(truncatingIfNeeded: (hash ^ hash >> 27) & UInt64(heads.count - 1))
  }
}
