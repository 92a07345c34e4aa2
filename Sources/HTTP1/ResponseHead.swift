/// The head of a response, read in place: it holds ranges of the bytes it was parsed from. Make one per worker and
/// parse one message after the other into it; nothing is allocated after the first.
public struct ResponseHead: ~Copyable {
  @usableFromInline var base: UnsafeRawPointer?
  @usableFromInline var length = 0
  /// What Content-Length and Transfer-Encoding announce.
  var announced = RequestFraming.none

  /// The field lines. Those that must not travel further are dropped already: see `FieldTable`.
  public var fields: FieldTable
  /// The status, 100 to 599.
  public internal(set) var status: UInt16 = 0
  /// The words after it, as they came; often empty.
  public internal(set) var reason = ByteRange.none
  /// 0 for HTTP/1.0, else 1.
  public internal(set) var minorVersion: UInt8 = 1
  /// Whether the server takes another request on this connection, by version and Connection. A body that ends with the
  /// connection (`ResponseFraming.untilClose`) rules that out, whatever this says.
  public internal(set) var isPersistent = true
  /// The value of Upgrade where Connection names it: of a 101, what is spoken from here on.
  public internal(set) var upgradeRange = ByteRange.none

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

  /// Whether another response to the same request follows: 1xx, but 101 (RFC 9110 section 15.2).
  public var isInterim: Bool { status < 200 && status != 101 }

  /// The length that Content-Length announces, which for an answer to HEAD and for 304 is that of a body that does not
  /// come.
  public var contentLength: UInt64? {
    if case .length(let length) = announced { length } else { nil }
  }

  /// Where a head that comes in pieces ends; as for requests.
  public static func endOfHead(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    HeadCursor.endOfHead(in: bytes, from: start)
  }
}
