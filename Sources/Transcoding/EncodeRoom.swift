internal import HTTP1
public import HTTP2

/// What heads are read in and lists are made in: one for each worker, its memory used again for each message.
public final class EncodeRoom {
  // One thread uses it, and no call below holds one of them while another changes it.
  @exclusivity(unchecked) var request = RequestHead()
  @exclusivity(unchecked) var response = ResponseHead()
  @exclusivity(unchecked) private var trailers = FieldTable()
  @exclusivity(unchecked) private var buffer = PathFieldBuffer()
  private let names: UnsafeMutableRawBufferPointer

  /// Memory for the longest heads.
  public init() { names = .allocate(byteCount: HeadLimit.bytes, alignment: 16) }

  deinit { names.deallocate() }

  /// Lends the fields of the head or the trailers that were read last.
  public func withList<Result, Failure: Error>(
    _ body: (PathFieldList) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withList(body)
  }

  /// Starts a list anew.
  public func begin() { buffer.removeAll() }

  /// Adds a field; false when there is no room for it.
  public func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> Bool { buffer.append(name, value) }

  /// Adds a field that is known at build time.
  public func append(_ name: StaticString, _ value: StaticString) -> Bool { buffer.append(name, value) }

  /// Adds a field whose value is a number.
  public func append(_ name: StaticString, decimal number: UInt64) -> Bool {
    var writer = HeadWriter(names)
    writer.put(decimal: number)
    return buffer.append(name, writer.written)
  }

  /// Adds the fields that are to travel, their names in lower case (RFC 9113 section 8.2).
  func append(fields: borrowing FieldTable) -> Bool {
    for index in 0..<fields.count where fields[index].isKept {
      let name = lower(fields.name(at: index))
      // What one proxy says to the next is not the program's to say.
      if name.count == 18 && name.spells("x-weft-destination") || name.count == 15 && name.spells("x-weft-protocol") {
        continue
      }
      guard buffer.append(name, fields.value(at: index)) else { return false }
    }
    return true
  }

  func readTrailers(_ section: UnsafeRawBufferPointer) -> Bool {
    guard trailers.parse(trailers: section) else { return false }
    begin()
    return append(fields: trailers)
  }

  private func lower(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let count = min(text.count, names.count)
    for index in 0..<count {
      let byte = text[index]
      names[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
    return UnsafeRawBufferPointer(rebasing: names[..<count])
  }
}
