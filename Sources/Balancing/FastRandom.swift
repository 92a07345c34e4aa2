/// A small fast generator for choices and identifiers: xoshiro256** (Blackman and Vigna, prng.di.unimi.it), seeded by
/// the caller, so that a run can be replayed.
///
/// Who sees a few outputs can compute the next ones: good for load and trace identifiers, never for secrets.
public struct FastRandom: BitwiseCopyable, RandomNumberGenerator, Sendable {
  @usableFromInline var first: UInt64
  @usableFromInline var second: UInt64
  @usableFromInline var third: UInt64
  @usableFromInline var fourth: UInt64

  /// A generator whose outputs depend on `seed` alone. Close seeds give unrelated outputs: SplitMix64 spreads them.
  public init(seed: UInt64) {
    var state = seed
    func spread() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      return state.mixed
    }
    // Four successive outputs of SplitMix64 differ, so the state that yields only zeros cannot arise.
    (first, second, third, fourth) = (spread(), spread(), spread(), spread())
  }

  /// 64 random bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let product = second &* 5
    let result = (product &<< 7 | product &>> 57) &* 9
    let shifted = second &<< 17
    third ^= first
    fourth ^= second
    second ^= third
    first ^= fourth
    third ^= shifted
    fourth = fourth &<< 45 | fourth &>> 19
    return result
  }

  /// A number in `0..<bound`, each as likely as any other; 0 where `bound` is 0.
  ///
  /// Lemire's multiplication, arXiv:1805.10941: nearly always without a division.
  @inlinable
  public mutating func below(_ bound: UInt32) -> UInt32 {
    var product = (next() &>> 32) &* UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let biased = (0 &- bound) % bound
      // A draw is repeated with a chance of less than a half, nearly always far less.
      while UInt32(truncatingIfNeeded: product) < biased { product = (next() &>> 32) &* UInt64(bound) }
    }
    return UInt32(truncatingIfNeeded: product &>> 32)
  }

  /// `below` for sums of weights and for times, which may exceed 32 bits.
  @inlinable
  public mutating func below(wide bound: UInt64) -> UInt64 {
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let biased = (0 &- bound) % bound
      while product.low < biased { product = next().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// True in so many of a million cases; from 1,000,000 on always.
  @inlinable
  public mutating func chance(partsPerMillion: UInt32) -> Bool {
    if partsPerMillion == 0 { return false }
    return partsPerMillion >= 1_000_000 || below(1_000_000) < partsPerMillion
  }

  /// 64 bits for a request or span identifier, never 0, which W3C Trace Context forbids (section 3.2.2.4).
  @inlinable
  public mutating func identifier() -> UInt64 {
    let bits = next()
    return bits == 0 ? 1 : bits
  }
}

extension UInt64 {
  /// Every bit spread over all 64, one to one: the finaliser of SplitMix64.
  @inlinable var mixed: UInt64 {
    var word = (self ^ (self &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word &>> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word &>> 31)
  }
}
