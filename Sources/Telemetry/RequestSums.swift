/// What all workers counted in one series, at one moment. Counters of it may be of slightly different moments.
public struct RequestSums: Sendable {
  private let layout: RequestLayout
  private let cells: [UInt64]

  /// The sums over `workers`, which share one layout; nil where no worker has counted in the series.
  public init?(_ workers: [RequestMetrics], series: Int) {
    let met = workers.filter { $0.hasMet(series) }
    guard let layout = met.first?.layout else { return nil }
    self.layout = layout
    cells = (0..<layout.cells).map { cell in met.reduce(0) { $0 &+ $1.value(series: series, at: cell) } }
  }

  /// Requests that ended.
  public var requests: UInt64 { (0..<layout.methods.count).reduce(0) { $0 &+ requests(method: $1) } }
  /// Of these, answered with anything but 5xx, calls of gRPC without a failure of the server's.
  public var successes: UInt64 { answered(isFailure: false) }
  /// Of these, answered with 5xx, calls of gRPC with such a failure.
  public var failures: UInt64 { answered(isFailure: true) }
  /// Tries beyond the first.
  public var retries: UInt64 { cells[layout.retriesCell] }
  /// Body bytes from clients.
  public var received: UInt64 { cells[layout.receivedCell] }
  /// Body bytes to clients.
  public var sent: UInt64 { cells[layout.sentCell] }

  /// Answers in each latency bucket, one more than there are bounds, of all status classes.
  public var latencyBuckets: [UInt64] {
    (1..<RequestLayout.statusClasses).reduce(into: [UInt64](repeating: 0, count: RequestLayout.latencyCells - 1)) {
      for (index, count) in latencyBuckets(statusClass: $1).enumerated() { $0[index] &+= count }
    }
  }

  /// Requests with a method, by its number, calls of gRPC among them.
  func requests(method: Int) -> UInt64 {
    let calls = layout.methods[method] == RequestLayout.callMethod ? self.calls(where: { _ in true }) : 0
    return (0..<RequestLayout.statusClasses).reduce(calls) { $0 &+ requests(method: method, statusClass: $1) }
  }

  /// Calls of gRPC that came to this.
  func calls(grpcCode: Int) -> UInt64 { cells[layout.callBase + grpcCode] }

  private func calls(where isMeant: (Int) -> Bool) -> UInt64 {
    (0..<RequestLayout.grpcCodes).filter(isMeant).reduce(0) { $0 &+ calls(grpcCode: $1) }
  }

  /// Without calls of gRPC that say what they came to.
  func requests(method: Int, statusClass: Int) -> UInt64 {
    cells[layout.cell(method: method, statusClass: statusClass)]
  }

  /// Requests by why they ended, by its number.
  func requests(end: Int) -> UInt64 { cells[layout.endBase + end] }

  func latencyBuckets(statusClass: Int) -> ArraySlice<UInt64> {
    let base = layout.latency(statusClass: statusClass)
    return cells[base..<(base + RequestLayout.latencyCells - 1)]
  }

  /// Milliseconds.
  func latencySum_ms(statusClass: Int) -> Double {
    Double(cells[layout.latency(statusClass: statusClass) + RequestLayout.latencyCells - 1]) / 1000
  }

  private func answered(isFailure: Bool) -> UInt64 {
    (1..<RequestLayout.statusClasses).filter { RequestLayout.isFailure(statusClass: $0) == isFailure }
      .reduce(calls { RequestLayout.isFailure(grpcCode: $0) == isFailure }) { sum, statusClass in
        (0..<layout.methods.count).reduce(sum) { $0 &+ requests(method: $1, statusClass: statusClass) }
      }
  }
}
