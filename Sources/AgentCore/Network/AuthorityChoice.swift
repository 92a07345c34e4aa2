internal import MeshModel

/// Which authorities are asked, and in which order: all alike by chance, so that none has all the work, and those that did
/// not answer of late after the others.
struct AuthorityChoice {
  /// A host that signs for others.
  struct Candidate: Hashable, Sendable {
    let name: String
    let address: SocketAddress
  }

  /// Milliseconds that one that did not answer comes last: gossip takes some six seconds to say that a host is dead, and a
  /// host that hangs costs each who asks it ten.
  static let pause_ms: UInt64 = 30_000
  /// Authorities asked for one answer: with each taking its ten seconds, who waits has an answer within a minute.
  static let limit = 4

  private var failed_ms: [SocketAddress: UInt64] = [:]

  /// Whom to ask, the first first.
  mutating func order(
    _ candidates: [Candidate],
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [Candidate] {
    failed_ms = failed_ms.filter { now_ms < $0.value + Self.pause_ms }
    let shuffled = candidates.shuffled(using: &random)
    let well = shuffled.filter { failed_ms[$0.address] == nil }
    // Where none is left, the one that failed longest ago is the likeliest to be back.
    let ill = shuffled.filter { failed_ms[$0.address] != nil }
      .sorted { failed_ms[$0.address, default: 0] < failed_ms[$1.address, default: 0] }
    return Array((well.isEmpty ? ill : well).prefix(Self.limit))
  }

  /// It did not answer, or as no host of the mesh does.
  mutating func failed(_ candidate: Candidate, now_ms: UInt64) { failed_ms[candidate.address] = now_ms }

  /// It answered, be it with a refusal.
  mutating func answered(_ candidate: Candidate) { failed_ms[candidate.address] = nil }
}
