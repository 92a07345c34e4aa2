/// The fields of one header or trailer section in their order, all in one piece of memory. Names are lower case, as
/// HTTP/2 wants them (RFC 9113 section 8.2.1); values are bytes.
public struct HeaderFields: Hashable, Sendable {
  /// What each field costs beside its bytes when a list is measured (RFC 9113 section 6.5.2).
  public static let overheadBytes = 32

  private var bytes: [UInt8] = []
  private var fields: [Field] = []

  private struct Field: Hashable, BitwiseCopyable {
    var start: UInt32
    var nameCount: UInt32
    var valueCount: UInt32
  }

  /// No fields.
  public init() {}

  /// Fields in the order of `list`.
  public init(_ list: [(name: String, value: String)]) {
    for (name, value) in list { append(name, value) }
  }

  /// How many fields there are.
  public var count: Int { fields.count }

  /// Their size as SETTINGS_MAX_HEADER_LIST_SIZE measures it.
  public var listBytes: Int { bytes.count + fields.count * Self.overheadBytes }

  /// Adds a field at the end.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(
      Field(start: UInt32(bytes.count), nameCount: UInt32(name.utf8.count), valueCount: UInt32(value.utf8.count))
    )
    bytes.append(contentsOf: name.utf8)
    bytes.append(contentsOf: value.utf8)
  }

  mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
    fields.append(Field(start: UInt32(bytes.count), nameCount: UInt32(name.count), valueCount: UInt32(value.count)))
    bytes.append(contentsOf: name)
    bytes.append(contentsOf: value)
  }

  /// The value of the first field of that name; bytes that are no UTF-8 are replaced.
  public subscript(_ name: String) -> String? {
    fields.first { bytes[nameRange($0)].elementsEqual(name.utf8) }.map(text)
  }

  /// Every field, for those who look at all of them.
  public var all: [(name: String, value: String)] {
    fields.map { (String(decoding: bytes[nameRange($0)], as: UTF8.self), text($0)) }
  }

  /// Calls `body` with where each field's name and value lie in the memory of all.
  func forEachRange(_ body: (Range<Int>, Range<Int>) -> Void) {
    for field in fields { body(nameRange(field), valueRange(field)) }
  }

  /// Lends the memory that all fields lie in.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.withUnsafeBufferPointer(body)
  }

  private func text(_ field: Field) -> String { String(decoding: bytes[valueRange(field)], as: UTF8.self) }

  private func nameRange(_ field: Field) -> Range<Int> {
    Int(field.start)..<Int(field.start) + Int(field.nameCount)
  }

  private func valueRange(_ field: Field) -> Range<Int> {
    let start = Int(field.start) + Int(field.nameCount)
    return start..<start + Int(field.valueCount)
  }
}
