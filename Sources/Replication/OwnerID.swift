/// SHA-256 of an owner's public key.
public struct KeyFingerprint: Hashable, Comparable, Sendable {
  let words: (UInt64, UInt64, UInt64, UInt64)

  /// The fingerprint of 32 bytes; nil for any other number of them.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    func word(_ index: Int) -> UInt64 { bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    words = (word(0), word(1), word(2), word(3))
  }

  init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  static let byteCount = 32

  /// The 32 bytes that it was made of.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
  }

  /// Whether both are of the same key.
  public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  /// By the bytes.
  public static func < (left: Self, right: Self) -> Bool { left.words < right.words }

  /// The first word alone: a hash already, and colliding keys are as hard to make as to use.
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// Who writes records: a host by its name and key. Two hosts with one name are two owners.
///
/// Each agent is one owner, and peers address each other by it.
public struct OwnerID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The host's name, as membership knows it.
  public let name: String
  /// The key that signs the owner's records. It lives as long as the host's disk, longer than any certificate.
  public let key: KeyFingerprint

  /// An owner of that name and key.
  public init(name: String, key: KeyFingerprint) {
    self.name = name
    self.key = key
  }

  /// By name, then by key: the tie-break between writers of one document.
  public static func < (left: Self, right: Self) -> Bool {
    left.name == right.name ? left.key < right.key : left.name < right.name
  }

  /// Whether both name the same host with the same key. Keys differ first.
  public static func == (left: Self, right: Self) -> Bool { left.key == right.key && left.name == right.name }

  /// The key alone: names under one key are few.
  public func hash(into hasher: inout Hasher) { hasher.combine(key.words.0) }

  /// The name and the first eight bytes of the fingerprint.
  public var description: String {
    let digits = String(key.words.0, radix: 16)
    return "\(name)#" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The group of owners that this one is summed up in.
  var bucket: Int { Int(key.words.0 % UInt64(ReplicationLimits.buckets)) }

  var isValid: Bool { !name.isEmpty && name.utf8.count <= ReplicationLimits.nameBytes }
}
