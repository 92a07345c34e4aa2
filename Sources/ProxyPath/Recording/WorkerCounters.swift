internal import HTTP1
internal import MeshModel
internal import Synchronization
internal import Telemetry

/// One worker's counts. Only the worker writes; a scrape reads. Relaxed loads and stores, which are plain moves.
final class WorkerCounters: Sendable {
  let metrics: WorkerMetrics
  /// What it counts of requests, by the numbers of the fleet's `requestSeries`.
  let requests = RequestMetrics(requestLayout)
  private let acceptedOutbound4 = Atomic<UInt64>(0)
  private let acceptedOutbound6 = Atomic<UInt64>(0)
  private let acceptedInbound4 = Atomic<UInt64>(0)
  private let acceptedInbound6 = Atomic<UInt64>(0)
  private let openedCount = Atomic<UInt64>(0)
  private let endedCount = Atomic<UInt64>(0)
  private let retiredFlag = Atomic<Bool>(false)
  private let deniedCount = Atomic<UInt64>(0)
  private let heldCount = Atomic<UInt64>(0)
  private let letGoCount = Atomic<UInt64>(0)

  /// The label values are these two enums', so no peer can add a series.
  static let layout = WorkerLayout(
    reasons: CloseReason.allCases.map { $0.text.description },
    protocols: DetectedProtocol.allCases.map { $0.text.description }
  )

  /// Likewise.
  static let requestLayout = RequestLayout(
    methods: Method.allCases.map { $0 == .other ? "other" : $0.text.description },
    ends: RequestEnd.allCases.map { $0.text.description }
  )

  init() { metrics = WorkerMetrics(Self.layout) }

  var opened: UInt64 { openedCount.load(ordering: .relaxed) }
  var denied: UInt64 { deniedCount.load(ordering: .relaxed) }
  var openConnections: UInt64 {
    // What counts down first: read the other way round, connections that open and end in between would count below none,
    // and one that is let go at this moment would count nowhere.
    let letGo = letGoCount.load(ordering: .acquiring)
    let held = heldCount.load(ordering: .acquiring)
    let ended = endedCount.load(ordering: .acquiring)
    return opened - min(ended, opened) + held - min(letGo, held)
  }

  /// A client was accepted on a listener.
  func accepted(_ direction: Direction, isIPv4: Bool) {
    switch (direction, isIPv4) {
    case (.outbound, true): bump(acceptedOutbound4)
    case (.outbound, false): bump(acceptedOutbound6)
    case (.inbound, true): bump(acceptedInbound4)
    case (.inbound, false): bump(acceptedInbound6)
    }
  }

  /// Clients accepted on the listeners of a direction and family.
  func acceptedCount(_ direction: Direction, isIPv4: Bool) -> UInt64 {
    switch (direction, isIPv4) {
    case (.outbound, true): acceptedOutbound4.load(ordering: .relaxed)
    case (.outbound, false): acceptedOutbound6.load(ordering: .relaxed)
    case (.inbound, true): acceptedInbound4.load(ordering: .relaxed)
    case (.inbound, false): acceptedInbound6.load(ordering: .relaxed)
    }
  }

  /// A client was taken on and its upstream is being dialled.
  func opened(_ direction: Direction, _ series: UInt16) {
    metrics.opened(direction, .source, series: series)
    metrics.decided(direction, allowed: true)
    bump(openedCount)
  }

  /// A request began, or ended, that came from another proxy: it keeps this one from ending, and is no connection.
  func streamOpened() { bump(openedCount) }
  func streamEnded() { bump(endedCount) }

  /// A client is held until it is known where it goes, and counts as open until it is let go.
  func held() { bump(heldCount) }

  /// A held client was `opened`, or refused.
  func letGo() { bump(letGoCount) }

  /// The handshake of a relayed connection with its upstream ended.
  func connected(_ direction: Direction, _ series: UInt16, after_ns: UInt64) {
    metrics.opened(direction, .destination, series: series)
    metrics.connected(direction, after_ms: after_ns / 1_000_000)
  }

  /// A connection to an endpoint was made for requests; it belongs to no client.
  func upstreamConnected(_ direction: Direction, after_ns: UInt64) {
    metrics.opened(direction, .destination)
    metrics.connected(direction, after_ms: after_ns / 1_000_000)
  }

  /// An endpoint could not be connected to; `code` is `errno`.
  func upstreamFailed(_ direction: Direction, code: Int32) { metrics.connectFailed(direction, code: code) }

  /// A connection to an endpoint ended.
  func upstreamClosed(_ direction: Direction, _ series: UInt16, code: Int32, duration_ms: UInt64) {
    metrics.closed(direction, .destination, series: series, code: code, duration_ms: duration_ms)
  }

  /// Bytes went through, from client to server and back.
  func moved(_ direction: Direction, _ series: TCPEnds, up: UInt64, down: UInt64) {
    if up > 0 {
      metrics.read(up, direction, from: .source, series: series.source)
      metrics.wrote(up, direction, to: .destination, series: series.destination)
    }
    if down > 0 {
      metrics.read(down, direction, from: .destination, series: series.destination)
      metrics.wrote(down, direction, to: .source, series: series.source)
    }
  }

  /// The worker takes no more connections.
  func retired() { retiredFlag.store(true, ordering: .releasing) }
  var isRetired: Bool { retiredFlag.load(ordering: .acquiring) }

  /// Accepting pauses for want of descriptors.
  func acceptPaused() { metrics.acceptPaused() }

  /// Another proxy was refused a connection or a stream, since its identity has its share.
  func peerCrowded() { metrics.peerCrowded() }

  /// A connection that was `opened` ended.
  func ended(_ event: PathEvent) {
    let duration_ms = event.duration_ns / 1_000_000
    metrics.closed(
      event.direction,
      .source,
      series: event.series.source,
      code: event.reason == .clientReset ? event.code : 0,
      duration_ms: duration_ms
    )
    if event.isOfRequests {
      // Its requests went over connections that are counted by themselves.
    } else if event.connect_ns > 0 {
      let code = event.reason == .serverReset ? event.code : 0
      let series = event.series.destination
      metrics.closed(event.direction, .destination, series: series, code: code, duration_ms: duration_ms)
    } else {
      metrics.connectFailed(event.direction, code: event.code)
    }
    metrics.ended(event.direction, reason: Int(event.reason.rawValue))
    metrics.detected(event.direction, protocol: Int(event.detected.rawValue))
    bump(endedCount)
  }

  /// A client was turned away before anything was filed.
  func refused(_ event: PathEvent) {
    metrics.ended(event.direction, reason: Int(event.reason.rawValue))
    switch event.reason {
    case .denied, .unidentified, .ownPort:
      metrics.decided(event.direction, allowed: false)
      bump(deniedCount)
    case .loop: metrics.loopRefused(event.direction)
    case .upstreamRefused, .upstreamUnreachable: metrics.connectFailed(event.direction, code: event.code)
    default: break
    }
  }

  private func bump(_ counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .releasing)
  }
}
