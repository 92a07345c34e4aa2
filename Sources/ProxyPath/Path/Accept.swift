internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// The bounds of accepting.
enum AcceptLimit {
  /// Connections taken from one listener in one turn; the rest wait in the kernel while others are served.
  static let perTurn = 64
  /// Ticks (250 ms) to wait before accepting again after the process ran out of descriptors, unless one is freed
  /// earlier.
  static let pauseTicks: UInt32 = 1
  /// Nanoseconds between two events about the lack of descriptors.
  static let tellInterval_ns: UInt64 = 60_000_000_000
}

extension Worker {
  /// Takes what waits at a listener, and starts or refuses each; true where more may wait.
  @discardableResult
  func accept(from index: Int) -> Bool {
    guard index < listeners.count else { return false }  // an event taken just before the worker retired
    for _ in 0..<AcceptLimit.perTurn {
      guard !isFull else {
        pauseAccepting(code: 0)
        return false
      }
      switch listeners[index].socket.acceptConnection() {
      case .connection(let socket, from: let source):
        if listeners[index].isTransport {
          acceptPeer(socket, from: source)
        } else {
          admit(socket, from: source, direction: listeners[index].direction)
        }
      case .aborted: continue
      case .wouldBlock: return false
      case .exhausted(let code):
        pauseAccepting(code: code)
        return false
      }
    }
    return true
  }

  private func admit(_ socket: consuming FileDescriptor, from source: SocketAddress, direction: Direction) {
    counters.accepted(direction, isIPv4: source.ip.isIPv4)
    let (admission, isMarked): (Admission, Bool) =
      switch direction {
      case .outbound: Outbound(keeper: keeper).admit(socket, from: source)
      case .inbound: (Inbound(keeper: keeper, now_s: now_s).admit(socket, from: source), false)
      }
    var arrival = Arrival(socket, from: source, direction, now_ns: now_ns)
    arrival.isMarked = isMarked
    if direction == .inbound { NearLeg.adapt(accepted: arrival.side) }
    admit(arrival, admission)
  }

  /// Starts or refuses a client, or holds it where the agent may know of its destination what the rules do not.
  func admit(_ arrival: consuming Arrival, _ admission: Admission) {
    if arrival.direction == .outbound, let destination = admission.unlisted, let lookup = unanswered(destination.ip) {
      return hold(arrival, to: destination, for: lookup)
    }
    if case .ask(_, let destination, _) = admission, let lookup = unanswered(arrival.source.ip) {
      return hold(arrival, to: destination, for: lookup)
    }
    proceed(arrival, admission)
  }

  /// The time by which exceptions end, in seconds since 1970.
  private var now_s: Int64 { Int64(Clock.realtime_us() / 1_000_000) }

  /// Starts or refuses a client.
  func proceed(_ arrival: consuming Arrival, _ admission: Admission) {
    switch admission {
    case .dial(let destination, let verdict): start(arrival, to: destination, verdict)
    case .choose(let port, let destination): startService(arrival, to: destination, port)
    case .enter(let entry, let destination, let verdict), .ask(let entry, let destination, let verdict):
      arrival.entry = entry
      start(arrival, to: destination, verdict)
    case .turnAway(let entry, let destination, let verdict):
      arrival.entry = entry
      refuse(arrival, to: destination, verdict, .unidentified, code: 0)
    case .refuse(let reason, let destination, let verdict):
      refuse(arrival, to: destination, verdict, reason, code: 0)
    }
  }

  /// Ends a connection that never began. The client sees a reset, as from a closed port.
  func refuse(
    _ arrival: consuming Arrival,
    to destination: SocketAddress,
    _ verdict: Verdict?,
    _ reason: CloseReason,
    code: Int32
  ) {
    let direction = arrival.direction
    arrival.side.resetOnClose()
    var event = PathEvent(
      kind: .closed,
      direction: direction,
      reason: reason,
      detected: .silent,
      code: code,
      id: nextID(),
      verdict: verdict,
      policyVersion: keeper.policyVersion,
      source: arrival.source,
      destination: destination,
      bytesSent: 0,
      bytesReceived: 0,
      duration_ns: now_ns &- arrival.accepted_ns,
      connect_ns: 0,
      hello: nil
    )
    event.entry = arrival.entry
    event.proof = arrival.peer?.proof ?? .none
    counters.refused(event)
    if direction == .outbound, reason != .loop, outbox.mayLookUp(now_ns: now_ns) {
      // Nobody serves it any more, and the recorder may keep it for a moment.
      if arrival.isWatched { loop.remove(arrival.side.socket) }
      event.held = arrival.side.socket.release()
    }
    outbox.post(event)
  }

  /// Takes no more from the listeners, for good; the control thread learns it from the counters.
  func retire(hasSuccessor: Bool) {
    if !hasSuccessor {
      for index in listeners.indices {
        // What a full queue can hold, and then no more: clients may go on coming.
        var left = Int(FileDescriptor.backlog)
        while left > 0, !isAcceptPaused, accept(from: index) { left -= AcceptLimit.perTurn }
      }
    }
    isRetired = true
    // A successor's copies keep the sockets open, and epoll would go on reporting them.
    for index in listeners.indices { loop.remove(listeners[index].socket) }
    listeners.removeAll()
    counters.retired()
  }

  /// Leaves new connections in the kernel's queue until a descriptor is free; those open go on undisturbed.
  private func pauseAccepting(code: Int32) {
    guard !isAcceptPaused else { return }
    isAcceptPaused = true
    acceptResumesAt = tick &+ AcceptLimit.pauseTicks
    counters.acceptPaused()
    tellExhaustion(code)
    for index in listeners.indices { loop.remove(listeners[index].socket) }
  }

  /// One event a minute at most says that accepting pauses; the metric counts every time.
  private func tellExhaustion(_ code: Int32) {
    guard exhaustionTold_ns == 0 || now_ns &- exhaustionTold_ns > AcceptLimit.tellInterval_ns else { return }
    exhaustionTold_ns = now_ns
    let open = connections.count + http.clients.count + lookups.connections.count
    outbox.post(PathEvent(exhausted: code, open: UInt64(open)))
  }

  /// As many descriptors are in use as the limit leaves to this worker.
  var isFull: Bool { roomLeft <= 0 }

  /// How many more it may use: two for each relayed connection and each that is held and may become one, one for each client
  /// that speaks HTTP, for each connection to an endpoint and each to or from another proxy.
  var roomLeft: Int {
    2 * (limits.connections - connections.count - lookups.connections.count) - http.clients.count
      - http.upstreams.count - peers.connections.count
  }

  /// Called each turn: goes on accepting when there is room and the pause is over.
  func resumeAcceptingIfPossible() {
    guard isAcceptPaused, !isRetired, !isFull, Int32(bitPattern: tick &- acceptResumesAt) >= 0 else {
      return
    }
    isAcceptPaused = false
    watchListeners()
  }

  /// Takes connections from its listeners from now on, or again.
  func watchListeners() {
    for index in listeners.indices {
      loop.add(listeners[index].socket, .readable, token: Token(.listener, index: UInt32(index)).rawValue)
    }
  }
}
