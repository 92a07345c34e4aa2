/// The fields of a head or of a trailer section, as ranges of its bytes. The storage is allocated once, for
/// `HeadLimit.fields`, and holds the fields of one message after the other.
///
/// Dropping a field only marks it: it stays where it is, can be read still, and is not written.
public struct FieldTable: ~Copyable {
  @usableFromInline let fields: UnsafeMutablePointer<Field>
  /// Index of the first field of each name; means something only where the name's bit is in `present`.
  @usableFromInline let firsts: UnsafeMutablePointer<UInt8>
  /// What the ranges are ranges of. The caller keeps it as long as the ranges are used.
  @usableFromInline var base: UnsafeRawPointer
  /// Names that occur, and those that occur more than once.
  @usableFromInline var present: UInt64 = 0
  @usableFromInline var repeated: UInt64 = 0
  /// How many fields there are, dropped ones included.
  public internal(set) var count = 0

  /// An empty table.
  public init() {
    fields = .allocate(capacity: HeadLimit.fields)
    firsts = .allocate(capacity: FieldName.allCases.count)
    firsts.initialize(repeating: 0, count: FieldName.allCases.count)
    base = UnsafeRawPointer(firsts)
  }

  deinit {
    fields.deallocate()
    firsts.deallocate()
  }

  /// Forgets the fields; those to come are ranges of `base`.
  @inline(__always)
  mutating func removeAll(base: UnsafeRawPointer) {
    self.base = base
    present = 0
    repeated = 0
    count = 0
  }

  /// Adds a field; the caller has seen to it that there is room.
  @inline(__always)
  mutating func append(_ field: Field) {
    (fields + count).initialize(to: field)
    let bit = field.known.bit
    if present & bit == 0 {
      firsts[Int(field.known.rawValue)] = UInt8(truncatingIfNeeded: count)
      present |= bit
    } else {
      repeated |= bit
    }
    count &+= 1
  }

  /// The field at `index`, which is below `count`.
  @inlinable
  public subscript(index: Int) -> Field {
    precondition(index >= 0 && index < count)
    return fields[index]
  }

  /// The bytes of a field's name, as written.
  @inlinable
  public func name(at index: Int) -> UnsafeRawBufferPointer { self[index].name.bytes(of: base) }

  /// The bytes of a field's value.
  @inlinable
  public func value(at index: Int) -> UnsafeRawBufferPointer { self[index].value.bytes(of: base) }

  /// Marks the field at `index` as not to be written.
  @inlinable
  public mutating func drop(at index: Int) {
    precondition(index >= 0 && index < count)
    fields[index].flags &= ~Field.kept
  }

  /// Marks every field of a name as not to be written.
  @inlinable
  public mutating func drop(_ name: FieldName) { drop(all: name.bit) }

  /// Marks every field of several names as not to be written, in one walk.
  @usableFromInline
  mutating func drop(all names: UInt64) {
    guard present & names != 0 else { return }
    for index in 0..<count where fields[index].known.bit & names != 0 { fields[index].flags &= ~Field.kept }
  }
}
