public import MeshModel
internal import Synchronization

/// The labels of a series of requests. They come from documents, never from what a peer sent.
public struct RequestSeries: Hashable, Sendable {
  /// Seen from the workload.
  public let direction: Direction
  /// `namespace/name:port` of the service that was asked; `unknown` where the mesh does not know the name.
  public let service: String
  /// `namespace/route/rule` of the rule that took the request; empty where none did.
  public let route: String

  /// A set of labels.
  public init(direction: Direction, service: String, route: String) {
    self.direction = direction
    self.service = service
    self.route = route
  }
}

/// Numbers for sets of labels, the same ones as long as the process lives, so that no counter ever goes back: neither by a
/// new snapshot nor by one that names a service again.
///
/// Any thread may ask. It takes a lock and hashes two texts: ask once for a table and label set, not with every request.
public final class RequestSeriesRegistry: Sendable {
  /// Sets of labels that get a number of their own. All that a usual workload talks to; with every cell in use they cost
  /// 1.9 MB a worker, which allocates the block of a series only when it first counts in it.
  public static let limit = 1_000
  /// The `service` of what found no number left.
  public static let otherService = "other"
  /// Numbers there can be: one for each direction's `other` comes first.
  static let capacity = limit + Direction.allCases.count

  private struct State {
    var series: [RequestSeries]
    var numbers: [RequestSeries: Int] = [:]
    var folded: UInt64 = 0
  }

  private let state: Mutex<State>

  /// A registry that knows only `other`.
  public init() {
    state = Mutex(
      State(series: Direction.allCases.map { RequestSeries(direction: $0, service: Self.otherService, route: "") })
    )
  }

  /// The number of a set of labels; that of `other` where all are given away, which is counted.
  public func number(direction: Direction, service: String, route: String) -> Int {
    let wanted = RequestSeries(direction: direction, service: service, route: route)
    return state.withLock { state in
      if let known = state.numbers[wanted] { return known }
      guard state.numbers.count < Self.limit else {
        state.folded &+= 1
        return direction == .inbound ? 0 : 1
      }
      let number = state.series.count
      state.series.append(wanted)
      state.numbers[wanted] = number
      return number
    }
  }

  /// Every set of labels there is, by number.
  public var series: [RequestSeries] { state.withLock { $0.series } }
  /// How often somebody was given `other` instead of a number of their own.
  public var folded: UInt64 { state.withLock { $0.folded } }
}
