/// What makes a path mean one thing to one program and another to the next. A rule on paths refuses all of these.
public struct PathHazards: OptionSet, Sendable, BitwiseCopyable {
  /// One bit for each hazard.
  public let rawValue: UInt8

  /// The hazards of `rawValue`.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `%2F`: a slash to those who decode before they split.
  public static let encodedSlash = PathHazards(rawValue: 1)
  /// `%5C`.
  public static let encodedBackslash = PathHazards(rawValue: 2)
  /// `\`: a slash to some.
  public static let backslash = PathHazards(rawValue: 4)
  /// `%00`: the end of the path to programs in C.
  public static let encodedNUL = PathHazards(rawValue: 8)
  /// `;`: where some servers end a segment, and strip the rest as its parameters.
  public static let semicolon = PathHazards(rawValue: 16)
  /// `%` without two hexadecimal digits behind it.
  public static let malformedEscape = PathHazards(rawValue: 32)
}

/// A path as it was normalised.
public struct NormalizedPath: Equatable, Sendable, BitwiseCopyable {
  /// Its bytes in the caller's buffer.
  public var count: Int
  /// Whether it differs from what came.
  public var isChanged: Bool
  /// What was in it that no normalising makes safe, in segments that were removed too.
  public var hazards: PathHazards
}

/// Path normalisation (RFC 3986 section 6.2.2), so that authorization sees what the program behind the proxy will see;
/// what is forwarded is the normalised path.
public enum PathNormalization {
  /// Writes `path`, which is without query, to the beginning of `buffer`: escapes of unreserved characters are
  /// decoded, those that stay are in upper case, slashes are merged and dot segments removed. An empty path becomes
  /// `/`; one that does not begin with a slash, as `*`, is copied. Normalising twice is the same as once.
  ///
  /// `buffer` must hold the bytes of `path`, and one at least; it must not overlap it.
  public static func normalize(
    _ path: UnsafeRawBufferPointer,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> NormalizedPath {
    precondition(buffer.count >= max(1, path.count))
    guard let target = buffer.baseAddress else { return NormalizedPath(count: 0, isChanged: false, hazards: []) }
    guard let source = path.baseAddress, !path.isEmpty else {
      target.storeBytes(of: UInt8(ascii: "/"), as: UInt8.self)
      return NormalizedPath(count: 1, isChanged: true, hazards: [])
    }
    guard ByteScan.byte(source, 0) == UInt8(ascii: "/"), !isClean(source, path.count) else {
      target.copyMemory(from: source, byteCount: path.count)
      return NormalizedPath(count: path.count, isChanged: false, hazards: [])
    }
    var writer = PathWriter(source: source, end: path.count, target: target)
    writer.run()
    return NormalizedPath(count: writer.count, isChanged: writer.isChanged, hazards: writer.hazards)
  }

  /// Whether there is nothing in the path that would be changed or noted; nearly every path is so.
  private static func isClean(_ path: UnsafeRawPointer, _ count: Int) -> Bool {
    var afterSlash = false
    for index in 0..<count {
      switch ByteScan.byte(path, index) {
      case UInt8(ascii: "%"), UInt8(ascii: "\\"), UInt8(ascii: ";"): return false
      case UInt8(ascii: "/"):
        if afterSlash { return false }
        afterSlash = true
      case UInt8(ascii: "."):
        if afterSlash { return false }
      default: afterSlash = false
      }
    }
    return true
  }
}
