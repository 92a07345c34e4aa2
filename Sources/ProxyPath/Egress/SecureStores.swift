internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// All that a worker keeps of TLS to servers outside the mesh. It does bookkeeping and hands bytes on; it calls nobody back: what
/// has news waits in `newsworthy` until the worker takes it up.
final class SecureStores {
  // One thread uses it, and no call below holds one of these while another changes it.
  @exclusivity(unchecked) var connections: Slab<SecureConnection>
  @exclusivity(unchecked) var pool = BufferPool(limit: RelayLimit.pendingBytesPerWorker)
  @exclusivity(unchecked) var newsworthy: [Slot] = []
  /// Connections that nobody has any more and that have something to send.
  @exclusivity(unchecked) var leaving: [Slot] = []
  /// Failures to be told.
  @exclusivity(unchecked) var notes: [SecureNote] = []
  @exclusivity(unchecked) var allowance = TokenBucket(
    burst: SecureLimit.notesPerSecond,
    perSecond: SecureLimit.notesPerSecond
  )
  @exclusivity(unchecked) var choices = ServerChoices()
  @exclusivity(unchecked) private(set) var clients: [ClusterTLS: SecureClient] = [:]
  // Only a proxy that needs it pays for it.
  @exclusivity(unchecked) private var buffers: Buffers?

  /// What bytes are worked on in.
  final class Buffers {
    let cipher = CipherBuffer()
    let sealed = UnsafeMutableRawBufferPointer.allocate(byteCount: SecureLimit.readBytes, alignment: 64)
    deinit { sealed.deallocate() }
  }

  private let keyLog: Int32?

  /// `keyLog`: the descriptor that secrets are written to; nil for nowhere.
  init(connections: Int, keyLog: Int32? = nil) {
    self.connections = Slab(capacity: connections)
    self.keyLog = keyLog
  }

  var hasNews: Bool { !newsworthy.isEmpty || !notes.isEmpty }
  var hasLeaving: Bool { !leaving.isEmpty }

  /// The buffers, made when first used.
  var memory: Buffers {
    if let buffers { return buffers }
    let made = Buffers()
    buffers = made
    return made
  }

  /// Takes other material into use; those whose connections are older than theirs.
  @discardableResult
  func adopt(_ material: TLSMaterial) -> Set<ClusterTLS> {
    var changed: Set<ClusterTLS> = []
    var fresh: [ClusterTLS: SecureClient] = [:]
    for (settings, one) in material.all {
      if let known = clients[settings], known.isMade(of: one) {
        fresh[settings] = known
      } else {
        fresh[settings] = SecureClient(one, keyLog: keyLog)
        changed.insert(settings)
      }
    }
    changed.formUnion(clients.keys.filter { fresh[$0] == nil })
    clients = fresh
    return changed
  }

  /// Its owner is to be told.
  func tell(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot, _ news: Readiness) {
    connection.pointee.news.formUnion(news)
    guard !connection.pointee.isListed else { return }
    connection.pointee.isListed = true
    newsworthy.append(slot)
  }

  /// It is of no more use.
  func fail(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot, code: Int32) {
    connection.pointee.phase = .failed
    // It may be another server by now.
    if code != SecureError.choseHTTP1 { choices.forget(connection.pointee.server) }
    if connection.pointee.failure == 0 { connection.pointee.failure = code }
    tell(connection, slot, [.readable, .writable, .error, .hangUp])
  }

  /// One side does not believe the other, or does not understand it.
  func refuse(_ connection: UnsafeMutablePointer<SecureConnection>, _ slot: Slot, _ fault: TLSFault) {
    note(.refused(fault), connection.pointee.server, connection.pointee.name)
    fail(connection, slot, code: fault.errno)
  }

  /// Tells a failure, unless so many have been told this second that it is known.
  func note(_ failure: SecureFailure, _ server: SocketAddress, _ name: String?) {
    guard allowance.take(now_ns: Clock.monotonic_ns()) else { return }
    notes.append(SecureNote(server: server, name: name, failure: failure))
  }

  func remove(_ slot: Slot) {
    guard let connection = connections.pointer(slot) else { return }
    connection.pointee.held.release(to: &pool)
    connection.pointee.backlog.release(to: &pool)
    connections.remove(slot)
  }
}

extension TLSFault {
  /// As an error of the socket.
  fileprivate var errno: Int32 {
    switch self {
    case .alert(TLSFault.noApplicationProtocol): SecureError.otherProtocol
    case .peer, .server, .alert: SecureError.refused
    case .violation, .own: SecureError.violation
    }
  }
}
