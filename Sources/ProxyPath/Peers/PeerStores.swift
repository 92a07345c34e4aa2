internal import HTTP1
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Reactor
internal import Transcoding
internal import TransportSecurity

/// All that a worker keeps of other proxies: connections, their streams, and the memory that both are worked on in.
///
/// It does bookkeeping and hands bytes on; it calls nobody back. What has news waits in `newsworthy`, new requests in
/// `arrivals`, and the worker takes both up when it has the time.
final class PeerStores {
  // One thread uses it, and no call below holds one of these while another changes it.
  @exclusivity(unchecked) var connections: Slab<PeerConnection>
  @exclusivity(unchecked) var streams: Slab<PeerStream>
  @exclusivity(unchecked) var pool = BufferPool(limit: RelayLimit.pendingBytesPerWorker)
  /// Connections that were dialled, by whom they lead to.
  @exclusivity(unchecked) var dialled: [PeerKey: Slot] = [:]
  /// What each identity holds that has made connections.
  @exclusivity(unchecked) var holdings: [SPIFFEID: PeerHolding] = [:]
  /// Streams whose owners have something to be told.
  @exclusivity(unchecked) var newsworthy: [Slot] = []
  /// Streams that peers began, which nobody owns yet.
  @exclusivity(unchecked) var arrivals: [Slot] = []
  /// Connections that have something to send.
  @exclusivity(unchecked) var outgoing: [Slot] = []
  /// Connections of which more can be read than a turn allows.
  @exclusivity(unchecked) var unfinished: [Slot] = []
  /// Connections that broke while something was sent: they are closed when it is safe.
  @exclusivity(unchecked) var broken: [Slot] = []

  /// A stream's end is being said: whoever says it removes it.
  @exclusivity(unchecked) var isSettling = false

  let events = PathScratch(PeerLimit.session)
  let room = EncodeRoom()
  let cipher = CipherBuffer()
  /// Sealed bytes as they were read, and what was in them.
  let sealed: UnsafeMutableRawBufferPointer
  let plain: UnsafeMutableRawBufferPointer
  /// Heads as they are written for the path.
  let text: UnsafeMutableRawBufferPointer

  /// The largest head, with room for what HTTP/1 says and HTTP/2 does not; or the largest run of a body in its chunk.
  private static let textBytes = 2 * HeadLimit.bytes

  init(connections: Int) {
    self.connections = Slab(capacity: connections)
    streams = Slab(capacity: 4 * connections)
    sealed = .allocate(byteCount: PeerLimit.readBytes, alignment: 64)
    plain = .allocate(byteCount: PathOutput.recordBytes, alignment: 64)
    text = .allocate(byteCount: Self.textBytes, alignment: 64)
  }

  deinit {
    sealed.deallocate()
    plain.deallocate()
    text.deallocate()
  }

  /// Something is left for the next turn.
  var hasWork: Bool { !newsworthy.isEmpty || !arrivals.isEmpty || !unfinished.isEmpty || !outgoing.isEmpty }

  /// Who is at both ends of a stream.
  func proof(of slot: Slot) -> PeerProof {
    guard let stream = streams.pointer(slot) else { return .none }
    return connections.pointer(stream.pointee.connection)?.pointee.proven?.proof ?? .none
  }

  // MARK: Lists

  /// Its owner is to be told.
  func tell(_ stream: UnsafeMutablePointer<PeerStream>, _ slot: Slot, _ news: Readiness) {
    stream.pointee.news.formUnion(news)
    guard !stream.pointee.isListed else { return }
    stream.pointee.isListed = true
    newsworthy.append(slot)
  }

  func mustSend(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    guard !connection.pointee.isListed else { return }
    connection.pointee.isListed = true
    outgoing.append(slot)
  }

  func file(_ stream: consuming PeerStream, on connection: UnsafeMutablePointer<PeerConnection>) -> Slot {
    let first = connection.pointee.firstStream
    let slot = streams.insert(stream)
    connection.pointee.firstStream = slot.index
    connection.pointee.streamCount += 1
    connection.pointee.streamTotal += 1
    connection.pointee.holding?.streams += 1
    streams.pointer(slot)?.pointee.next = first
    if first != .max, let tenant = streams.tenant(first) { streams.pointer(tenant)?.pointee.previous = slot.index }
    return slot
  }

  func remove(_ slot: Slot) {
    guard let stream = streams.pointer(slot) else { return }
    let (next, previous) = (stream.pointee.next, stream.pointee.previous)
    if let connection = connections.pointer(stream.pointee.connection) {
      if previous == .max { connection.pointee.firstStream = next }
      connection.pointee.streamCount -= 1
      connection.pointee.holding?.streams -= 1
      // Whoever said goodbye waits for this.
      if connection.pointee.phase == .leaving, connection.pointee.streamCount == 0 {
        mustSend(connection, stream.pointee.connection)
      }
    }
    if previous != .max, let tenant = streams.tenant(previous) { streams.pointer(tenant)?.pointee.next = next }
    if next != .max, let tenant = streams.tenant(next) { streams.pointer(tenant)?.pointee.previous = previous }
    stream.pointee.incoming.release(to: &pool)
    streams.remove(slot)
  }
}

extension Slot {
  /// As 64 bits that HTTP/2 sessions carry for us.
  var packed: UInt64 { UInt64(generation) << 32 | UInt64(index) }
  init(packed: UInt64) {
    self.init(index: UInt32(truncatingIfNeeded: packed), generation: UInt32(truncatingIfNeeded: packed >> 32))
  }
}
