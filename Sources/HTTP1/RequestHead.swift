/// The head of a request, read in place: it holds ranges of the bytes it was parsed from. Make one per worker and parse
/// one message after the other into it; nothing is allocated after the first.
public struct RequestHead: ~Copyable {
  @usableFromInline var base: UnsafeRawPointer?
  @usableFromInline var length = 0

  /// The field lines. Those that must not travel further are dropped already: see `FieldTable`.
  public var fields: FieldTable
  /// The method.
  public internal(set) var method = Method.get
  /// The method's bytes.
  public internal(set) var methodRange = ByteRange.none
  /// The target as it came.
  public internal(set) var targetRange = ByteRange.none
  /// Which of the four forms the target has.
  public internal(set) var form = TargetForm.origin
  /// The target's path without the query. Empty for CONNECT, and for an absolute target without one, where `/` is
  /// meant; `*` for the asterisk form.
  public internal(set) var path = ByteRange.none
  /// What follows the first `?` of the target.
  public internal(set) var query = ByteRange.none
  /// Whether there is a `?`, be there something behind it or not.
  public internal(set) var hasQuery = false
  /// 0 for HTTP/1.0, else 1.
  public internal(set) var minorVersion: UInt8 = 1
  /// Host and port the request is for: of an absolute target or of CONNECT, else of Host. Empty if none says.
  public internal(set) var authority = ByteRange.none
  /// `authority` without the port, as it came: the case, and a dot at its end, are as sent, and an IPv6 address has its
  /// brackets.
  public internal(set) var host = ByteRange.none
  /// The port in `authority`.
  public internal(set) var port: UInt16?
  /// How the end of the body is found.
  public internal(set) var framing = RequestFraming.none
  /// Whether the client wants another request on this connection, by version and Connection.
  public internal(set) var isPersistent = true
  /// Whether the client waits for 100 before it sends the body (RFC 9110 section 10.1.1); never of HTTP/1.0.
  public internal(set) var expectsContinue = false
  /// Whether the client offers to go on in another protocol (RFC 9110 section 7.8): HTTP/1.1 with one Upgrade field
  /// that Connection names. A body, if there is one, is sent before the protocol changes. Offers of HTTP/2 (`h2c`) do
  /// not count: within the tunnel requests would pass that nobody has authorized.
  public internal(set) var wantsUpgrade = false
  /// The value of Upgrade, where `wantsUpgrade`.
  public internal(set) var upgradeRange = ByteRange.none
  /// Whether the client takes trailer fields (`TE: trailers`, RFC 9110 section 10.1.4).
  public internal(set) var acceptsTrailers = false

  /// An empty head, with room for the fields of any.
  public init() { fields = FieldTable() }

  /// The bytes of the head last parsed, with its empty line. The caller keeps them as long as the ranges are used.
  @inlinable
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: length) }

  /// The bytes of a part of the head.
  @inlinable
  public subscript(range: ByteRange) -> UnsafeRawBufferPointer {
    guard let base, range.end <= length else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return range.bytes(of: base)
  }

  /// Where a head that comes in pieces ends: the offset behind its empty line, or nil where it is not there yet. Bytes
  /// before `start` were looked at before. An empty line without its CR ends a head too, so that one made of bare LFs
  /// is refused at once and not when time is up.
  public static func endOfHead(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    HeadCursor.endOfHead(in: bytes, from: start)
  }
}
