@testable import Replication

/// Signatures and hashes that cost next to nothing: whoever knows an owner could forge them, and no test does.
struct SimulatedKeyring: Keyring {
  let owner: OwnerID

  static func credential(of owner: OwnerID) -> [UInt8] { bytes(mix(Array(owner.description.utf8), seed: 0xca)) }

  /// Another for the same owner, which is as good.
  static func later(of owner: OwnerID) -> [UInt8] { credential(of: owner) + [1] }

  func admits(_ owner: OwnerID, credential: [UInt8]) -> Bool {
    credential == Self.credential(of: owner) || credential == Self.later(of: owner)
  }

  func verify(_ signature: [UInt8], of message: [UInt8], by owner: OwnerID, credential: [UInt8]) -> Bool {
    signature == Self.bytes(Self.mix(message, seed: owner.key.words.0))
  }

  func sign(_ message: [UInt8]) -> [UInt8]? { Self.bytes(Self.mix(message, seed: owner.key.words.0)) }

  func hash(_ bytes: [UInt8]) -> SetDigest {
    SetDigest(value: UInt128(Self.mix(bytes, seed: 1)) << 64 | UInt128(Self.mix(bytes, seed: 2)))
  }

  private static func mix(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var state = seed &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(raw.count)
      var at = 0
      while at + 8 <= raw.count {
        state = (state ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* 0xbf58_476d_1ce4_e5b9
        state ^= state >> 29
        at += 8
      }
      while at < raw.count {
        state = (state ^ UInt64(raw[at])) &* 0x94d0_49bb_1331_11eb
        state ^= state >> 31
        at += 1
      }
      return state ^ state >> 32
    }
  }

  private static func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word) { Array($0) } }
}

extension OwnerID {
  /// The owner of host `index`, with its first key or another.
  static func host(_ index: Int, key: UInt64 = 0) -> OwnerID {
    var random = Randomness(seed: UInt64(index) &* 1_000 &+ key)
    return OwnerID(
      name: "host-\(index)",
      key: KeyFingerprint(words: (random.next(), random.next(), random.next(), random.next()))
    )
  }
}
