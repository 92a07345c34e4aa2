internal import Authority

/// How long a connection may be used: until a certificate that made it ends, or its root is believed no more.
struct PeerTerm: Sendable {
  /// Why a connection ends that nothing is wrong with.
  enum End: Error, Hashable {
    case expired
    case distrusted
  }

  /// The last second, since 1970.
  let ends_s: Int64

  /// Of a connection that is made now with certificates that end at these times. Who comes in the tolerance that
  /// verification grants after a certificate's end has the rest of it, and no more.
  init(notAfter_s: Int64..., now_s: Int64 = PeerTrust.now_s) {
    let ends = notAfter_s.map { now_s <= $0 ? $0 : $0 + AuthorityTiming.skew_s }
    ends_s = ends.min() ?? now_s
  }

  /// Seconds until this has to be looked at again; nil once it is over. A clock may be set meanwhile, so it is asked again
  /// before long.
  func left_s(now_s: Int64 = PeerTrust.now_s) -> Int64? {
    now_s > ends_s ? nil : min(ends_s - now_s + 1, PeerLimit.clockLook_s)
  }

  /// Waits for the end of a connection to the holder of `chain`.
  func end(of chain: [[UInt8]], _ trust: PeerTrust) async throws {
    let updates = trust.updates()
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        while let left_s = left_s() { try await Task.sleep(for: .seconds(left_s)) }
        throw End.expired
      }
      group.addTask {
        // The bundle may have changed since the handshake.
        guard trust.now.believes(chain) else { throw End.distrusted }
        for await _ in updates where !trust.now.believes(chain) { throw End.distrusted }
      }
      try await group.next()
    }
  }
}
