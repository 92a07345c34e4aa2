public import MeshModel

/// One journal entry in journald's native protocol (systemd.io, "Native Journal Protocol"), built in place.
///
/// Keep one per logger thread: `start` empties it and keeps the memory, so a warm entry is built without allocating.
///
///     entry.start(.connectionDenied)
///     entry.append("WEFT_SNI", bytes: whatThePeerSent)
///     entry.open("MESSAGE"); entry.write("denied "); entry.write(address); entry.close()
///     sink.send(&entry, now_ns: clock)
///
/// A value of printable UTF-8 is written as `NAME=value`; any other (a control byte, a newline, broken UTF-8) with its
/// length in front, so no value can end early and begin a field of its own.
public struct JournalEntry: ~Copyable {
  /// How much one entry may hold, so that a peer's bytes cannot grow it without end.
  public struct Limits: Sendable {
    /// Bytes of one value: half of the longest request head that Weft accepts, and more than anyone reads in a log.
    public static let defaultValueBytes = 32 * 1024
    /// Bytes of one entry: some thirty fields at their bound.
    public static let defaultEntryBytes = 1024 * 1024

    /// The longest value.
    public var valueBytes: Int
    /// The largest entry.
    public var entryBytes: Int

    /// Bounds, by default those of a connection record.
    public init(valueBytes: Int = Limits.defaultValueBytes, entryBytes: Int = Limits.defaultEntryBytes) {
      self.valueBytes = valueBytes
      self.entryBytes = entryBytes
    }
  }

  struct OpenField {
    /// Where the field's name starts, and where its value does (behind the name, a byte and the gap for the length).
    let start: Int
    let value: Int
    /// Bytes offered for the value, kept or not.
    var offered = 0
  }

  /// SYSLOG_IDENTIFIER of every entry started here, such as `weft-proxy`.
  public let identifier: String
  let limits: Limits
  var buffer = ByteBuilder()
  /// `NAME:original-bytes` of each value that was cut, for WEFT_TRUNCATED.
  var truncations = ByteBuilder(capacity: truncationNoteBytes)
  /// The field being written, or nil.
  var field: OpenField?

  /// An empty entry.
  public init(identifier: String, limits: Limits = Limits()) {
    self.identifier = identifier
    self.limits = limits
  }

  /// The entry in the native protocol. Valid until the entry is next changed.
  public var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// Bytes of memory held, which stay held for the next entry.
  var capacity: Int { buffer.capacity }

  /// Empties the entry and writes what every event of `kind` carries: SYSLOG_IDENTIFIER, PRIORITY, MESSAGE_ID, WEFT_EVENT.
  public mutating func start(_ kind: EventKind) {
    start(priority: kind.priority)
    append("MESSAGE_ID", kind.messageID)
    append("WEFT_EVENT", kind.name)
  }

  /// Empties the entry and writes SYSLOG_IDENTIFIER and PRIORITY: for a message that is no event of the catalogue.
  public mutating func start(priority: Priority) {
    buffer.removeAll()
    truncations.removeAll()
    field = nil
    append("SYSLOG_IDENTIFIER", identifier)
    append("PRIORITY", priority.rawValue)
  }

  // MARK: Whole fields

  /// Adds a field with a text value.
  public mutating func append(_ name: StaticString, _ text: String) {
    open(name)
    write(text)
    close()
  }

  /// Adds a field with a text value that the program holds as a constant.
  public mutating func append(_ name: StaticString, _ text: StaticString) {
    append(name, bytes: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Adds a field whose value is any bytes, such as a peer sent.
  public mutating func append(_ name: StaticString, bytes: UnsafeRawBufferPointer) {
    open(name)
    write(bytes: bytes)
    close()
  }

  /// Adds a field whose value is a decimal number.
  public mutating func append(_ name: StaticString, _ number: some FixedWidthInteger) {
    open(name)
    write(number)
    close()
  }

  /// Adds a field whose value is `192.0.2.1:80` or `[2001:db8::1]:80`.
  public mutating func append(_ name: StaticString, _ address: SocketAddress) {
    open(name)
    write(address)
    close()
  }

  // MARK: A field in pieces

  /// Opens a field; `write` adds to its value, `close` ends it.
  ///
  /// `name` is of upper-case letters, digits and underscores, and begins with a letter (journald drops others).
  public mutating func open(_ name: StaticString) {
    open(nameBytes: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  mutating func open(nameBytes name: UnsafeRawBufferPointer) {
    assert(Self.isFieldName(name), "journald would drop this field")
    close()
    let start = buffer.count
    buffer.append(name)
    buffer.append(UInt8(ascii: "\n"))
    buffer.appendGap(Self.lengthBytes)
    field = OpenField(start: start, value: buffer.count)
  }

  /// Adds text to the open field's value.
  public mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { write(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Adds a decimal number to the open field's value.
  public mutating func write(_ number: some FixedWidthInteger) {
    if number < 0 { write("-") }
    withDecimalDigits(UInt64(number.magnitude)) { write(bytes: $0) }
  }

  /// Adds any bytes to the open field's value; what exceeds the bound is cut, and said in WEFT_TRUNCATED.
  public mutating func write(bytes: UnsafeRawBufferPointer) {
    guard let open = field else { return }
    field?.offered += bytes.count
    let room = max(0, min(valueRoom(of: open), bytes.count))
    buffer.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(room)))
  }

  /// Ends the open field, in the plain form where the value allows it. Does nothing where none is open.
  public mutating func close() {
    guard let open = field else { return }
    field = nil
    if open.offered > buffer.count - open.value, !cut(open) { return }
    let value = UnsafeRawBufferPointer(rebasing: buffer.bytes[open.value...])
    if value.isPrintableUTF8 {
      buffer.remove(Self.lengthBytes, at: open.value - Self.lengthBytes)
      buffer.overwrite(at: open.value - Self.lengthBytes - 1, UInt8(ascii: "="))
    } else {
      buffer.overwrite(at: open.value - Self.lengthBytes, littleEndian: UInt64(value.count))
    }
    buffer.append(UInt8(ascii: "\n"))
  }

  /// The length in front of a value in the binary-safe form: 64 bits, least significant byte first.
  static let lengthBytes = 8
}
