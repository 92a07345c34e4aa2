/// How an endpoint is chosen.
public enum BalancingAlgorithm: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// Of two drawn at random, the one with the lower cost: latency times pending requests. The default.
  case peakEWMA
  /// Of two drawn at random, the one with fewer pending requests.
  case leastRequest
  /// One after the other.
  case roundRobin
  /// Any.
  case random
}

/// Chooses an endpoint for each request: the state of one algorithm over one table, 12 bytes.
///
/// All algorithms respect weights. Two draws and a comparison ("the power of two choices", Mitzenmacher 1996) come
/// close to the best of all at a constant price, and do not send everybody to the same best one between two answers.
public struct Balancer: BitwiseCopyable, Sendable {
  /// How it chooses.
  public let algorithm: BalancingAlgorithm
  /// Whose turn it is (round robin); `unset` before the first.
  @usableFromInline var turn: UInt32 = Balancer.unset
  /// Rounds made, modulo the largest weight (round robin).
  @usableFromInline var round: UInt32 = 0

  @inlinable static var unset: UInt32 { .max }

  /// A balancer that has not chosen yet.
  @inlinable
  public init(_ algorithm: BalancingAlgorithm) { self.algorithm = algorithm }

  /// The endpoint for a request; nil where none is available.
  @inlinable
  public mutating func pick<Table: LoadTable & ~Copyable>(
    _ table: borrowing Table,
    _ random: inout FastRandom,
    now_ns: UInt64
  ) -> Int? { choose(table, &random, Candidates(), now_ns) }

  /// The endpoint for a retry: another than `failed` where one is available, else that one if it is.
  @inlinable
  public mutating func pick<Table: LoadTable & ~Copyable>(
    _ table: borrowing Table,
    _ random: inout FastRandom,
    now_ns: UInt64,
    excluding failed: Int
  ) -> Int? {
    choose(table, &random, Candidates(without: failed), now_ns) ?? choose(table, &random, Candidates(), now_ns)
  }

  /// An endpoint where `pick` found none: as if all were available, for a cluster whose endpoints are all passed over
  /// is better asked than given up. Nil only where no endpoint has a weight.
  @inlinable
  public mutating func pickLeastBad<Table: LoadTable & ~Copyable>(
    _ table: borrowing Table,
    _ random: inout FastRandom,
    now_ns: UInt64
  ) -> Int? { choose(table, &random, Candidates(evenUnavailable: true), now_ns) }

  @inlinable
  mutating func choose<Table: LoadTable & ~Copyable>(
    _ table: borrowing Table,
    _ random: inout FastRandom,
    _ candidates: Candidates,
    _ now_ns: UInt64
  ) -> Int? {
    switch algorithm {
    case .peakEWMA:
      guard let (one, other) = candidates.drawTwo(from: table, &random) else { return nil }
      if one == other { return one }
      return table.cost(other, now_ns: now_ns) < table.cost(one, now_ns: now_ns) ? other : one
    case .leastRequest:
      guard let (one, other) = candidates.drawTwo(from: table, &random) else { return nil }
      if one == other { return one }
      return table.pending(other) < table.pending(one) ? other : one
    case .roundRobin:
      return next(table, &random, candidates)
    case .random:
      return candidates.draw(from: table, &random)
    }
  }

  /// The next in turn. An endpoint with half the largest weight is served every second round, and so on, evenly spread;
  /// where nobody in a whole round is due (the heaviest is out), the first in turn is.
  @inlinable
  mutating func next<Table: LoadTable & ~Copyable>(
    _ table: borrowing Table,
    _ random: inout FastRandom,
    _ candidates: Candidates
  ) -> Int? {
    let count = UInt32(clamping: table.count)
    guard count > 0 else { return nil }
    let largest = UInt64(max(table.maximumWeight, 1))
    // Workers, and proxies that start together, begin at different endpoints.
    if turn == Self.unset { turn = random.below(count) }
    if turn >= count { turn = 0 }
    var spare: Int?
    for _ in 0..<count {
      let index = Int(turn)
      let share = UInt64(round) &* UInt64(table.weight(index))
      let isServed = largest == 1 || (share &+ UInt64(table.weight(index))) / largest > share / largest
      turn &+= 1
      if turn == count {
        turn = 0
        round = UInt64(round) &+ 1 >= largest ? 0 : round &+ 1
      }
      guard candidates.include(index, of: table) else { continue }
      if isServed { return index }
      if spare == nil { spare = index }
    }
    return spare
  }
}
