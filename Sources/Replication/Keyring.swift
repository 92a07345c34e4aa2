/// The signatures and hashes that replication stands on; agents use swift-crypto, simulations something cheap.
public protocol Keyring: Sendable {
  /// Whether `credential` proves that the holder of `owner.key` may own records under `owner.name`.
  ///
  /// It is asked who the owner is, not whether the credential is still valid: documents outlive their writers.
  func admits(_ owner: OwnerID, credential: [UInt8]) -> Bool

  /// Whether `signature` is that of `owner`, whose credential was admitted, over `message`.
  func verify(_ signature: [UInt8], of message: [UInt8], by owner: OwnerID, credential: [UInt8]) -> Bool

  /// This owner's signature over `message`; nil if the key cannot sign now, and then nothing is written.
  func sign(_ message: [UInt8]) -> [UInt8]?

  /// 128 bits of a cryptographic hash, as the first 16 bytes of SHA-256.
  func hash(_ bytes: [UInt8]) -> SetDigest
}
