internal import AgentLink
internal import Discovery
internal import Kernel
internal import MeshAPI
internal import MeshModel
internal import Policy
internal import Reactor
internal import SwiftProtobuf

/// The proxy's stream to its host's agent (delta xDS over the agent's socket), on the control thread.
///
/// Workers' questions come by the seat, the agent's answers go back by it. When the stream breaks, the proxy serves on with
/// what it has and tries again, at growing intervals.
final class AgentStream {
  /// What a turn came to, for the journal.
  enum Outcome: Equatable {
    case nothing
    /// The agent answered for the first time since it was lost, or at all.
    case connected
    /// The stream broke: why.
    case lost(String)
  }

  private static let method = GRPCMethod(
    service: "envoy.service.discovery.v3.AggregatedDiscoveryService",
    name: "DeltaAggregatedResources"
  )

  let path: String
  let seat: DiscoverySeat
  private(set) var session: ProxySession
  private(set) var lastProblem: String?
  private let snapshots: SnapshotStore
  private var connection: AgentConnection?
  private var call: GRPCCall?
  private var backoff: ReconnectBackoff
  private var retryAt_ms: UInt64 = 0
  /// Whether the loss of the agent was told; it is told once.
  private var isLossTold = false
  private var hasAnswered = false
  private var pace = PushPace()
  /// Lookups that the session has settled and the workers do not know of yet.
  private var settled: [LookupKey] = []

  init(path: String, node: ProxyNode, seat: DiscoverySeat, snapshots: SnapshotStore) {
    self.path = path
    self.seat = seat
    self.snapshots = snapshots
    session = ProxySession(node)
    backoff = ReconnectBackoff(seed: .random(in: .min ... .max))
  }

  /// Whether the agent's policies are in force.
  var isReady: Bool { session.view.isReady }
  /// Whether there is a stream.
  var isConnected: Bool { call != nil && hasAnswered }

  /// Milliseconds until `connectIfDue` or `publishIfDue` has something to do; nil where neither has.
  func patience_ms(now_ms: UInt64) -> Int32? {
    let retry_ms: UInt64? = call == nil ? (retryAt_ms > now_ms ? retryAt_ms - now_ms : 0) : nil
    let publish_ms = pace.patience_ms(now_ms: now_ms)
    return [retry_ms, publish_ms].compactMap { $0 }.min().map { Int32(clamping: $0) }
  }

  /// Opens the stream where there is none and it is time.
  func connectIfDue(now_ms: UInt64, loop: borrowing Epoll, token: UInt64) -> Outcome {
    guard call == nil, now_ms >= retryAt_ms else { return .nothing }
    do {
      var limits = GRPCLimits()
      limits.message_bytes = DiscoveryLimit.resourceBytes + DiscoveryLimit.responseBytes
      var fresh = try AgentConnection(path: path, limits: limits)
      call = try fresh.start(Self.method)
      connection = consume fresh
    } catch {
      return lose("\(error)", now_ms)
    }
    // Questions may be held from now on: what is asked is sent at once.
    seat.setLive(true)
    send(session.connected())
    return flush(now_ms, loop, token)
  }

  /// Workers asked.
  func ask(now_ms: UInt64, loop: borrowing Epoll, token: UInt64) -> Outcome {
    // `publishIfDue` tells them: what they are settled by may not be in force yet.
    for key in seat.wanted() where session.want(key) == .settled { settled.append(key) }
    guard call != nil else { return .nothing }
    send(session.takeRequests())
    return flush(now_ms, loop, token)
  }

  /// The control thread asks, for itself.
  func want(_ key: LookupKey, now_ms: UInt64, loop: borrowing Epoll, token: UInt64) -> Outcome {
    // Where it is settled already there is nobody to be told.
    _ = session.want(key)
    guard call != nil else { return .nothing }
    send(session.takeRequests())
    return flush(now_ms, loop, token)
  }

  /// Takes what came. `publication` says what of it is in force now.
  func ready(
    now_ms: UInt64,
    loop: borrowing Epoll,
    token: UInt64,
    publication: inout DiscoverySeat.Publication
  ) -> Outcome {
    connection?.ready(now_ms: now_ms)
    for event in connection?.takeEvents() ?? [] {
      switch event {
      case .message(_, let bytes):
        do {
          send(session.receive(try DeltaResponse(serializedBytes: bytes)))
          pace.note()
        } catch {
          return lose("the agent sent what is no response: \(error)", now_ms)
        }
      case .ended(_, let status): return lose("the agent ended the stream: \(status)", now_ms)
      }
    }
    publication = publishIfDue(now_ms: now_ms)
    let outcome = flush(now_ms, loop, token)
    if case .lost = outcome { return outcome }
    guard !hasAnswered, isReady else { return outcome }
    hasAnswered = true
    isLossTold = false
    backoff.connected(now_ms: now_ms)
    return .connected
  }

  /// Puts into force what has come, where it is time or a connection waits for it.
  func publishIfDue(now_ms: UInt64) -> DiscoverySeat.Publication {
    settled += session.takeSettled()
    let isWaitedFor = !settled.isEmpty || pace.isPending && !hasAnswered
    return pace.take(now_ms: now_ms, isWaitedFor: isWaitedFor) ? publish() : .unchanged
  }

  /// Puts into force what the session has that is new.
  private func publish() -> DiscoverySeat.Publication {
    let fresh: Snapshot?
    do {
      fresh = try session.takeSnapshot()
    } catch {
      lastProblem = "\(error)"
      return .unchanged
    }
    // Before the first there is nothing to decide by, and who waits goes on waiting.
    guard let snapshot = fresh ?? snapshots.table.snapshot else { return .unchanged }
    defer { settled = [] }
    return seat.publish(
      snapshot,
      peers: session.view.peers,
      settled: settled,
      forgotten: session.takeForgotten()
    )
  }

  private func send(_ requests: [DeltaRequest]) {
    guard let call else { return }
    for request in requests {
      do {
        try connection?.send(call, try request.serializedBytes())
      } catch {
        // The agent does not read; the stream is made anew, and with it all that was to be said.
        lastProblem = "a request was not sent: \(error)"
        connection?.cancel(call)
        return
      }
    }
  }

  private func flush(_ now_ms: UInt64, _ loop: borrowing Epoll, _ token: UInt64) -> Outcome {
    guard connection != nil else { return .nothing }
    connection?.flush()
    if connection?.isOver == true { return lose(connection?.reason ?? "the connection ended", now_ms) }
    connection?.watch(by: loop, token: token)
    return .nothing
  }

  private func lose(_ reason: String, _ now_ms: UInt64) -> Outcome {
    connection = nil
    call = nil
    hasAnswered = false
    session.disconnected()
    seat.setLive(false)
    retryAt_ms = now_ms + backoff.lost(now_ms: now_ms)
    lastProblem = reason
    guard !isLossTold else { return .nothing }
    isLossTold = true
    return .lost(reason)
  }
}
