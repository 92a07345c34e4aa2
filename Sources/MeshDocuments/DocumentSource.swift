/// The bytes of one file, under the name that issues call it.
public struct DocumentSource: Sendable {
  /// The file's name for issues.
  public let name: String
  /// What the file holds, UTF-8 text if it is well.
  public let bytes: [UInt8]

  /// A file of `bytes` called `name`.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Larger than any document a person writes; generated allow-lists of 10,000 blocks have some 300 KiB.
  public static let maxBytes = 4 << 20
  /// Files of one reading.
  public static let maxFiles = 10_000
  /// Bytes of one reading.
  public static let maxTotalBytes = 64 << 20
}
