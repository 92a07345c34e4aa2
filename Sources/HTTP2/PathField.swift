/// Where one header field lies: offsets into the memory of its list.
public struct PathField: BitwiseCopyable, Sendable {
  /// Where its name begins.
  public var nameStart: UInt32
  /// Bytes of its name.
  public var nameCount: UInt32
  /// Where its value begins.
  public var valueStart: UInt32
  /// Bytes of its value.
  public var valueCount: UInt32
  /// Whether no table on the way may remember it (RFC 7541 section 7.1.3). A field that came so must go on so.
  public var isSensitive: Bool

  /// A field by where its name and value lie.
  public init(name: Range<Int>, value: Range<Int>, isSensitive: Bool = false) {
    nameStart = UInt32(name.lowerBound)
    nameCount = UInt32(name.count)
    valueStart = UInt32(value.lowerBound)
    valueCount = UInt32(value.count)
    self.isSensitive = isSensitive
  }

  /// What it counts when a list is measured (RFC 9113 section 6.5.2).
  var listBytes: Int { Int(nameCount) + Int(valueCount) + HeaderFields.overheadBytes }
}

/// Fields that lie in one piece of memory, borrowed from whoever owns it: pseudo-fields first, names in lower case (RFC 9113
/// section 8.3).
public struct PathFieldList: BitwiseCopyable {
  // Unsafe: both belong to the lender (a `PathScratch`, a `PathFieldBuffer`, or the caller), who says how long they are valid.
  let memory: UnsafePointer<UInt8>
  let fields: UnsafeBufferPointer<PathField>

  /// `fields`, whose offsets are into `memory`. Each must lie within it.
  public init(memory: UnsafeRawBufferPointer, fields: UnsafeBufferPointer<PathField>) {
    self.memory = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? Self.nothing
    self.fields = fields
    for field in fields {
      precondition(Int(field.nameStart) + Int(field.nameCount) <= memory.count, "a name beyond its memory")
      precondition(Int(field.valueStart) + Int(field.valueCount) <= memory.count, "a value beyond its memory")
    }
  }

  /// The same without looking, for those who made the offsets themselves.
  init(memory: UnsafePointer<UInt8>, fields: UnsafeBufferPointer<PathField>) {
    self.memory = memory
    self.fields = fields
  }

  /// How many fields there are.
  public var count: Int { fields.count }

  /// The name of the field at `index`.
  public func name(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory + Int(fields[index].nameStart), count: Int(fields[index].nameCount))
  }

  /// The value of the field at `index`.
  public func value(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: memory + Int(fields[index].valueStart), count: Int(fields[index].valueCount))
  }

  /// Whether the field at `index` came as one that no table may remember.
  public func isSensitive(_ index: Int) -> Bool { fields[index].isSensitive }

  /// The value of the first field of that name; nil where there is none.
  public subscript(_ name: StaticString) -> UnsafeRawBufferPointer? {
    for index in 0..<count where self.name(index).spells(name) { return value(index) }
    return nil
  }

  // Unsafe: never read or written, since a list without memory has no bytes. It lives as long as the process, one for all.
  nonisolated(unsafe) private static let nothing: UnsafePointer<UInt8> = UnsafePointer(
    UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
  )
}

/// Where a field list of an event lies in its `PathScratch`.
public struct PathFieldRange: BitwiseCopyable, Sendable, Hashable {
  let start: UInt32
  let fieldCount: UInt32

  /// How many fields it has.
  public var count: Int { Int(fieldCount) }
}
