/// Bytes that must not be seen: they stay out of logs, errors and dumps, and are read only by name.
public struct SecretBytes: Sendable, CustomStringConvertible, CustomReflectable {
  /// The secret itself.
  public let bytes: [UInt8]

  /// Takes a secret in.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// How long it is, and nothing more.
  public var description: String { "secret of \(bytes.count) bytes" }

  /// Without children, so that `dump` and string interpolation of what holds it show nothing either.
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// Whether both are the same, in a time that depends on the lengths alone.
  func equals(_ other: [UInt8]) -> Bool { equalInConstantTime(bytes, other) }
}

/// Whether both are the same, in a time that depends on their lengths alone.
func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  var difference: UInt8 = 0
  for index in left.indices { difference |= left[index] ^ right[index] }
  return difference == 0
}
