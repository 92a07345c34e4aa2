internal import Policy

/// The tokens that one worker verified lately, so that one that comes again costs a look-up and not a signature.
///
/// An entry is found by the token's whole bytes, counts only for the rules that look where the token stood, and lasts
/// until the token expires. A refused token is not remembered: that would let anybody fill the cache.
public final class TokenCache {
  private struct Entry {
    var hash: UInt64 = 0
    var bytes: [UInt8] = []
    var token: VerifiedToken?
    var rule = 0
  }

  /// Entries that share a bucket; a token that comes when all are taken replaces the oldest.
  private static let ways = 4
  private static let buckets = TokenLimit.cachedTokens / ways

  /// None until the first token comes: a worker that never sees one pays nothing.
  private var entries: [Entry] = []
  /// Which entry of a bucket goes next.
  private var victims = [UInt8](repeating: 0, count: buckets)
  /// Whose outcomes these are: another verifier, from another snapshot, may decide otherwise.
  private var verifier: TokenVerifier?
  private let seed: UInt64
  /// Look-ups that found a token.
  public private(set) var hits: UInt64 = 0
  /// Look-ups that had to verify.
  public private(set) var misses: UInt64 = 0

  /// An empty cache. The seed is secret, so that nobody can choose tokens that drive out another's.
  public init(seed: UInt64 = .random(in: .min ... .max)) { self.seed = seed }

  /// What `verifier` says of `found` at `now_s`, in seconds since 1970.
  public func verify(_ found: FoundToken, with verifier: TokenVerifier, now_s: Int64) -> TokenOutcome {
    if self.verifier !== verifier { forget(for: verifier) }
    guard found.token.count <= TokenLimit.cachedBytes else {
      misses += 1
      return verifier.verify(found, now_s: now_s)
    }
    let hash = Self.hash(found.token, seed)
    let bucket = Int(truncatingIfNeeded: hash % UInt64(Self.buckets)) * Self.ways
    for index in bucket..<bucket + Self.ways where entries[index].hash == hash {
      guard let token = entries[index].token, Self.isEqual(entries[index].bytes, found.token),
        token.isInTime(now_s), verifier.locator.looks(for: entries[index].rule, at: found)
      else { continue }
      hits += 1
      return .valid(token, rule: entries[index].rule)
    }
    misses += 1
    let outcome = verifier.verify(found, now_s: now_s)
    if case .valid(let token, let rule) = outcome {
      remember(Entry(hash: hash, bytes: Array(found.token), token: token, rule: rule), bucket)
    }
    return outcome
  }

  private func remember(_ entry: Entry, _ bucket: Int) {
    let victim = victims[bucket / Self.ways]
    entries[bucket + Int(victim)] = entry
    victims[bucket / Self.ways] = (victim + 1) % UInt8(Self.ways)
  }

  private func forget(for verifier: TokenVerifier) {
    self.verifier = verifier
    entries = [Entry](repeating: Entry(), count: TokenLimit.cachedTokens)
  }
}
