internal import FoundationEssentials

/// The key that all gossip of a mesh is encrypted with (AES-GCM). Who has it can speak, and make hosts look dead.
public struct GossipKey: Hashable, Sendable {
  /// 16, 24 or 32.
  public let bytes: [UInt8]

  /// AES-128, AES-192 or AES-256; nil for any other number of bytes.
  public init?(_ bytes: [UInt8]) {
    guard [16, 24, 32].contains(bytes.count) else { return nil }
    self.bytes = bytes
  }

  /// Reads the text that `base64` gives; nil for any other.
  public init?(base64: String) {
    guard let data = Data(base64Encoded: base64) else { return nil }
    self.init(Array(data))
  }

  /// A new key of 32 bytes.
  public static func random() -> GossipKey { GossipKey(random: 32) }

  private init(random count: Int) {
    var generator = SystemRandomNumberGenerator()
    bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// The key as Serf reads it.
  public var base64: String { Data(bytes).base64EncodedString() }
}

extension GossipKey: CustomStringConvertible, CustomReflectable {
  /// Not the key.
  public var description: String { "a gossip key of \(bytes.count * 8) bits" }

  /// Not the key either: `dump` and `\(reflecting:)` show nothing of it.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
