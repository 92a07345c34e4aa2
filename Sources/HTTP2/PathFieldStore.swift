/// Memory of a fixed size for fields and their bytes, filled from the front.
///
/// Unsafe: it is a view that may be copied freely; who makes one with `allocate` frees it once. Every write is checked against
/// the room before.
struct PathFieldStore: BitwiseCopyable {
  private let bytes: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutablePointer<PathField>
  let byteRoom: Int
  let fieldRoom: Int
  private(set) var byteCount = 0
  private(set) var fieldCount = 0

  static func allocate(bytes: Int, fields: Int) -> PathFieldStore {
    // Offsets are of 32 bits.
    precondition(bytes > 0 && bytes <= Int(Int32.max) && fields > 0, "a store of no size, or too large for its offsets")
    return PathFieldStore(
      bytes: .allocate(capacity: bytes),
      fields: .allocate(capacity: fields),
      byteRoom: bytes,
      fieldRoom: fields
    )
  }

  private init(
    bytes: UnsafeMutablePointer<UInt8>,
    fields: UnsafeMutablePointer<PathField>,
    byteRoom: Int,
    fieldRoom: Int
  ) {
    self.bytes = bytes
    self.fields = fields
    self.byteRoom = byteRoom
    self.fieldRoom = fieldRoom
  }

  func deallocate() {
    bytes.deallocate()
    fields.deallocate()
  }

  /// Adds a field; false when there is no room for it.
  mutating func append(
    _ name: UnsafePointer<UInt8>?,
    _ nameCount: Int,
    _ value: UnsafePointer<UInt8>?,
    _ valueCount: Int,
    isSensitive: Bool
  ) -> Bool {
    guard fieldCount < fieldRoom, nameCount + valueCount <= byteRoom - byteCount else { return false }
    if let name { (bytes + byteCount).update(from: name, count: nameCount) }
    if let value { (bytes + byteCount + nameCount).update(from: value, count: valueCount) }
    fields[fieldCount] = PathField(
      name: byteCount..<byteCount + nameCount,
      value: byteCount + nameCount..<byteCount + nameCount + valueCount,
      isSensitive: isSensitive
    )
    fieldCount += 1
    byteCount += nameCount + valueCount
    return true
  }

  /// Forgets all but the first fields and bytes.
  mutating func cut(fields: Int, bytes: Int) {
    fieldCount = min(fieldCount, fields)
    byteCount = min(byteCount, bytes)
  }

  func list(from start: Int, count: Int) -> PathFieldList {
    precondition(
      start >= 0 && count >= 0 && start + count <= fieldCount,
      "a list that is not of this store, or forgotten"
    )
    return PathFieldList(memory: bytes, fields: UnsafeBufferPointer(start: fields + start, count: count))
  }
}

/// A header list that is being put together to be sent: one for each worker, used again for each message.
public struct PathFieldBuffer: ~Copyable {
  private var store: PathFieldStore

  /// Room for `fields` fields of `bytes` bytes of names and values altogether.
  public init(bytes: Int = 80 << 10, fields: Int = 128) { store = .allocate(bytes: bytes, fields: fields) }

  deinit { store.deallocate() }

  /// Adds a field at the end; false when there is no room for it.
  public mutating func append(
    _ name: UnsafeRawBufferPointer,
    _ value: UnsafeRawBufferPointer,
    isSensitive: Bool = false
  ) -> Bool {
    store.append(
      name.baseAddress?.assumingMemoryBound(to: UInt8.self),
      name.count,
      value.baseAddress?.assumingMemoryBound(to: UInt8.self),
      value.count,
      isSensitive: isSensitive
    )
  }

  /// Adds a field whose name is known at build time.
  public mutating func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> Bool {
    name.withUTF8Buffer { append(UnsafeRawBufferPointer($0), value) }
  }

  /// Adds a field that is known at build time.
  public mutating func append(_ name: StaticString, _ value: StaticString) -> Bool {
    value.withUTF8Buffer { append(name, UnsafeRawBufferPointer($0)) }
  }

  /// Forgets all of them; the memory stays.
  public mutating func removeAll() { store.cut(fields: 0, bytes: 0) }

  /// Lends the fields, in their order, to a call. A list that outlived its buffer would point to memory that is gone.
  public borrowing func withList<Result, Failure: Error>(
    _ body: (PathFieldList) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(store.list(from: 0, count: store.fieldCount))
  }
}
