/// Bounds on what a head may ask of us.
public enum HeadLimit {
  /// A whole head, in bytes, its empty line included: what the mesh's threat list allows, less one so that every offset
  /// fits in 16 bits.
  public static let bytes = 65_535

  /// Field lines of a head: browsers send about 20, a deep chain of proxies 50.
  public static let fields = 100

  /// A request target, in bytes: RFC 9112 section 3 asks for 8,000 at least, and nginx and Apache stop near there.
  public static let targetBytes = 8192

  /// A method, in bytes: the longest registered one, UPDATEREDIRECTREF, has 17.
  public static let methodBytes = 32

  /// Names in all Connection fields together: each costs a walk over the fields, and real ones name one or two.
  public static let connectionOptions = 32
}

/// Bounds on what the framing around a body may ask of us.
public enum BodyLimit {
  /// Digits of a chunk size: 16 hold every 64-bit number, and more only pad it.
  public static let chunkSizeDigits = 16

  /// Bytes of chunk extensions in one message, from behind the size to the line's end. Nobody needs them, they are not
  /// forwarded, and without a bound one byte of body could bring any number of them.
  public static let extensionBytes = 4096

  /// A trailer section, in bytes, its empty line included: it is held until whole.
  public static let trailerBytes = 8192

  /// Field lines of a trailer section: gRPC needs three.
  public static let trailerFields = 32

  /// Bytes that `BodyStep.needsMore` may leave to be presented again: a trailer section without its end, which is
  /// longer than any chunk's line. A buffer larger than this always has room for more.
  public static let heldBytes = trailerBytes
}
