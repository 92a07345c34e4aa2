/// Which counters a series of requests has, and where each lies in its block of cells: made once, shared by workers and
/// scrapes.
///
/// A block holds, in this order: requests by method and status class, requests by why they ended, a latency histogram for
/// each status class, three sums, and calls of gRPC by what they came to, which are not among the requests before them.
public struct RequestLayout: Sendable {
  /// Status classes: `none`, where the client got no answer, and 1xx to 5xx.
  public static let statusClasses = 6
  /// Upper bounds of response_latency_ms, each included in its bucket: those of linkerd2-proxy, so that its dashboards
  /// and alerts fit.
  public static let latencyBounds_ms: [UInt64] = [
    1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 10_000, 20_000,
    30_000, 40_000, 50_000,
  ]
  /// The `method` label of each method, by the number the path counts by.
  public let methods: [String]
  /// The `reason` label of each end, by the number the path counts by.
  public let ends: [String]

  @usableFromInline let endBase: Int
  @usableFromInline let latencyBase: Int
  @usableFromInline let retriesCell: Int
  let receivedCell: Int
  let sentCell: Int
  @usableFromInline let callBase: Int
  let cells: Int

  /// What calls of gRPC can come to: 0 to 16 (gRPC, "Status codes and their use in gRPC").
  public static let grpcCodes = 17
  /// Calls are counted as this, and as answered with 2xx: gRPC has no other method, and one that says what it came to has no
  /// other status. What has is counted as any request.
  static let callMethod = "POST"
  /// Those that are the server's failures, as linkerd2-proxy classifies calls: unknown, deadline exceeded, internal,
  /// unavailable, data loss.
  static func isFailure(grpcCode: Int) -> Bool { [2, 4, 13, 14, 15].contains(grpcCode) }
  /// Whether each is one, by its number.
  public static var grpcFailures: [Bool] { (0..<grpcCodes).map(isFailure(grpcCode:)) }

  /// Cells of one latency histogram: a bucket for each bound, one for what exceeds the last, and the sum in microseconds.
  @usableFromInline static let latencyCells = latencyBounds_ms.count + 2

  /// `methods` and `ends` are lists fixed at the start, the raw values of two enums, so no peer can add a series.
  public init(methods: [String], ends: [String]) {
    self.methods = methods
    self.ends = ends
    endBase = methods.count * Self.statusClasses
    latencyBase = endBase + ends.count
    retriesCell = latencyBase + (Self.statusClasses - 1) * Self.latencyCells
    receivedCell = retriesCell + 1
    sentCell = retriesCell + 2
    callBase = retriesCell + 3
    cells = callBase + Self.grpcCodes
  }

  /// The cell of requests with a method and a status class.
  func cell(method: Int, statusClass: Int) -> Int { method * Self.statusClasses + statusClass }
  /// The first cell of a class's latency histogram; an unanswered request has no latency.
  func latency(statusClass: Int) -> Int { latencyBase + (statusClass - 1) * Self.latencyCells }

  /// `none`, `1xx` to `5xx`.
  static func label(statusClass: Int) -> String { statusClass == 0 ? "none" : "\(statusClass)xx" }
  /// Linkerd's default classification: what the server answers with 5xx is its failure, all else is a success.
  static func isFailure(statusClass: Int) -> Bool { statusClass == 5 }
}
