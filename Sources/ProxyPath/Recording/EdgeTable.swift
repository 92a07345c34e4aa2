internal import MeshModel

/// Who talks with whom, and how: what uses are counted under.
struct EdgeKey: Equatable, BitwiseCopyable {
  /// How bytes went: in the clear, by TLS of the programs, of a server's (DestinationRule), or of the mesh.
  enum Security: UInt8 { case plain, programTLS, serverTLS, mutualTLS }

  let direction: Direction
  let security: Security
  /// Without its port, which is another one each time.
  let source: IPAddress
  let destination: SocketAddress

  fileprivate var hash: Int {
    var hash = source.low ^ source.high &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ hash >> 29) &* 0xbf58_476d_1ce4_e5b9
    hash ^= destination.ip.low ^ destination.ip.high &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(destination.port) << 40
    hash ^= UInt64(security.rawValue) << 60 ^ (direction == .inbound ? 1 << 59 : 0)
    hash = (hash ^ hash >> 31) &* 0x94d0_49bb_1331_11eb
    return Int(truncatingIfNeeded: hash >> 33)
  }
}

/// One way from a source to a destination, and how often it was used.
struct Edge {
  /// What is counted.
  enum Use { case request, connection }

  let key: EdgeKey
  /// Who the other end has proved to be; nil without mutual TLS.
  let peer: SPIFFEID?
  var requests: UInt64 = 0
  var connections: UInt64 = 0
  /// The tick of its last use.
  var lastUsed: UInt32
}

/// The edges that one worker has met. All memory is taken when it is made, and what is never written to costs none: counting
/// neither allocates nor locks.
struct EdgeTable: ~Copyable {
  // Unsafe: the first `count` are initialized, no more than `EdgeLimit.edges`.
  private let edges: UnsafeMutablePointer<Edge>
  /// Open addressing: one more than an edge's place, 0 for none.
  private let index: UnsafeMutablePointer<UInt16>
  private(set) var count = 0
  private var latest = 0
  private var sweptAt: UInt32?
  /// Uses for which there was no room.
  private(set) var folded: UInt64 = 0

  init() {
    edges = .allocate(capacity: EdgeLimit.edges)
    index = .allocate(capacity: EdgeLimit.places)
    index.initialize(repeating: 0, count: EdgeLimit.places)
  }

  deinit {
    edges.deinitialize(count: count)
    edges.deallocate()
    index.deallocate()
  }

  subscript(place: Int) -> Edge {
    precondition(place < count)
    return edges[place]
  }

  /// Counts one use. A worker asks mostly for the edge that it asked for last.
  mutating func count(_ use: Edge.Use, _ key: EdgeKey, peer: SPIFFEID?, tick: UInt32) {
    if latest < count, edges[latest].key == key, edges[latest].peer == peer { return note(use, latest, tick) }
    if let place = find(key, peer) { return note(use, place, tick) }
    if count == EdgeLimit.edges { forgetUnused(tick) }
    guard count < EdgeLimit.edges else {
      folded &+= 1
      return
    }
    (edges + count).initialize(to: Edge(key: key, peer: peer, lastUsed: tick))
    file(count)
    count += 1
    note(use, count - 1, tick)
  }

  private mutating func note(_ use: Edge.Use, _ place: Int, _ tick: UInt32) {
    latest = place
    edges[place].lastUsed = tick
    switch use {
    case .request: edges[place].requests &+= 1
    case .connection: edges[place].connections &+= 1
    }
  }

  private func find(_ key: EdgeKey, _ peer: SPIFFEID?) -> Int? {
    var at = key.hash % EdgeLimit.places
    while index[at] != 0 {
      let place = Int(index[at]) - 1
      if edges[place].key == key, edges[place].peer == peer { return place }
      at = (at + 1) % EdgeLimit.places
    }
    return nil
  }

  private func file(_ place: Int) {
    var at = edges[place].key.hash % EdgeLimit.places
    while index[at] != 0 { at = (at + 1) % EdgeLimit.places }
    index[at] = UInt16(place + 1)
  }

  /// Makes room by letting go of what was not used for long, at most once a minute.
  private mutating func forgetUnused(_ tick: UInt32) {
    if let sweptAt, tick &- sweptAt < EdgeLimit.sweepTicks { return }
    sweptAt = tick
    var kept = 0
    for place in 0..<count {
      let edge = (edges + place).move()
      guard tick &- edge.lastUsed < EdgeLimit.unusedTicks else { continue }
      (edges + kept).initialize(to: edge)
      kept += 1
    }
    count = kept
    index.update(repeating: 0, count: EdgeLimit.places)
    for place in 0..<count { file(place) }
  }
}

/// Bounds of what is kept of edges.
enum EdgeLimit {
  /// Edges of one worker: more than the services that a pod deals with have endpoints in most meshes, in 70 KiB when all are
  /// used. Whoever scans a pod's ports can fill it, and hides nothing that was there before.
  static let edges = 512
  /// Twice as many, so that most are found at first sight; a power of two.
  static let places = 1_024
  /// Ticks (250 ms) without use after which an edge makes room for others, and is no finding any more.
  static let unusedTicks: UInt32 = 4 * 600
  /// Ticks between two looks for room.
  static let sweepTicks: UInt32 = 4 * 60
}
