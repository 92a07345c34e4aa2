/// Tells one who waits that what workloads are given may have changed.
struct TrustChanges: Sendable {
  /// Numbers that grow; those that came while nobody looked are left out.
  let generations: AsyncStream<UInt64>
  /// Ends it, from anywhere.
  let end: @Sendable () -> Void

  init(generations: AsyncStream<UInt64>, end: @escaping @Sendable () -> Void) {
    self.generations = generations
    self.end = end
  }
}
