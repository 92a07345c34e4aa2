public import MeshModel

/// What one worker counts. Its own thread calls these; each is a few plain moves.
///
///     let layout = WorkerLayout(reasons: CloseReason.allCases.map { "\($0.text)" }, protocols: …)
///     let metrics = WorkerMetrics(layout)
///     metrics.opened(.outbound, .source)
public final class WorkerMetrics: Sendable {
  let layout: WorkerLayout
  let bank: CounterBank
  let tcp = TCPMetrics()

  /// All counters at zero.
  public init(_ layout: WorkerLayout) {
    self.layout = layout
    bank = CounterBank(count: layout.cells)
  }

  /// A connection was accepted from `source`, or established to `destination`. `series`: a number of the registry's.
  public func opened(_ direction: Direction, _ peer: Peer, series: UInt16 = TCPSeriesRegistry.general) {
    tcp.opened(series, direction, peer)
  }

  /// A connection that was `opened` is closed; `code` is the errno(3) that ended it, 0 for an orderly end.
  public func closed(
    _ direction: Direction,
    _ peer: Peer,
    series: UInt16 = TCPSeriesRegistry.general,
    code: Int32,
    duration_ms: UInt64
  ) {
    tcp.closed(series, direction, peer, code: code, duration_ms: duration_ms)
  }

  /// Bytes came from a peer.
  public func read(
    _ bytes: UInt64,
    _ direction: Direction,
    from peer: Peer,
    series: UInt16 = TCPSeriesRegistry.general
  ) {
    tcp.read(bytes, series, direction, from: peer)
  }

  /// Bytes went to a peer.
  public func wrote(
    _ bytes: UInt64,
    _ direction: Direction,
    to peer: Peer,
    series: UInt16 = TCPSeriesRegistry.general
  ) {
    tcp.wrote(bytes, series, direction, to: peer)
  }

  /// The upstream's handshake ended so long after the client was accepted.
  public func connected(_ direction: Direction, after_ms: UInt64) {
    let base = layout.connectDuration + Self.way(direction) * layout.durations.cells
    layout.durations.record(after_ms, in: bank, at: base)
  }

  /// The upstream could not be reached.
  public func connectFailed(_ direction: Direction, code: Int32) {
    let base = layout.connectFailures + Self.way(direction) * ErrnoLabel.names.count
    bank.add(1, at: base + ErrnoLabel.index(of: code))
  }

  /// A policy decided.
  public func decided(_ direction: Direction, allowed: Bool) {
    bank.add(1, at: layout.verdicts + Self.way(direction) * 2 + (allowed ? 0 : 1))
  }

  /// A connection's protocol is known; `index` counts in the layout's protocols.
  public func detected(_ direction: Direction, protocol index: Int) {
    guard index >= 0, index < layout.protocols else { return }
    bank.add(1, at: layout.detected + Self.way(direction) * layout.protocols + index)
  }

  /// A connection ended; `index` counts in the layout's reasons.
  public func ended(_ direction: Direction, reason index: Int) {
    guard index >= 0, index < layout.reasons else { return }
    bank.add(1, at: layout.ended + Self.way(direction) * layout.reasons + index)
  }

  /// A connection of the proxy to itself was refused.
  public func loopRefused(_ direction: Direction) { bank.add(1, at: layout.loops + Self.way(direction)) }

  /// Accepting paused for want of descriptors.
  public func acceptPaused() { bank.add(1, at: layout.acceptPauses) }

  /// A connection or stream of another proxy was refused, since its identity has its share.
  public func peerCrowded() { bank.add(1, at: layout.peersCrowded) }

  /// The position of a direction, as `Direction.allCases` orders them.
  private static func way(_ direction: Direction) -> Int { direction == .inbound ? 0 : 1 }
}
