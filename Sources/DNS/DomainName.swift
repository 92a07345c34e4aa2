/// A name as messages carry it: labels with their lengths before them, the root at the end (RFC 1035 section 3.1).
///
/// The letters' case is kept, since clients put chance into it and want it back; names that differ in it alone are equal
/// (RFC 4343).
public struct DomainName: Sendable {
  /// The uncompressed form, at most `DNSLimit.nameBytes`.
  public let bytes: [UInt8]

  /// Bytes that are known to be a name.
  init(checked bytes: [UInt8]) { self.bytes = bytes }

  /// The name without labels.
  public static let root = DomainName(checked: [0])

  /// The name of `labels`; nil where one is empty or too long, or all are.
  public init?(labels: some Sequence<some Collection<UInt8>>) {
    var bytes: [UInt8] = []
    for label in labels {
      guard !label.isEmpty, label.count <= DNSLimit.labelBytes else { return nil }
      bytes.append(UInt8(label.count))
      bytes += label
      guard bytes.count < DNSLimit.nameBytes else { return nil }
    }
    self.init(checked: bytes + [0])
  }

  /// The labels, first to last, without the root.
  public var labels: [ArraySlice<UInt8>] {
    var labels: [ArraySlice<UInt8>] = []
    var at = 0
    while bytes[at] != 0 {
      let end = at + 1 + Int(bytes[at])
      labels.append(bytes[at + 1..<end])
      at = end
    }
    return labels
  }

  /// The name without its first `count` labels, as it was written; the root where there are no more.
  public func dropping(_ count: Int) -> DomainName {
    var at = 0
    for _ in 0..<count where bytes[at] != 0 { at += 1 + Int(bytes[at]) }
    return DomainName(checked: Array(bytes[at...]))
  }

  /// `labels` before this name; nil where that is too long.
  public func prefixed(_ labels: String...) -> DomainName? {
    DomainName(labels: labels.map { Array($0.utf8)[...] } + self.labels)
  }

  /// How many labels it has before `suffix`; nil where it does not end in it.
  public func labelsBefore(_ suffix: DomainName) -> Int? {
    let mine = labels
    let before = mine.count - suffix.labels.count
    return before >= 0 && dropping(before) == suffix ? before : nil
  }

  /// ASCII letters in lower case (RFC 4343 section 3). Lengths are below 64 and stay as they are.
  static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
}

extension DomainName: Hashable {
  /// Equal but for the case of letters.
  public static func == (left: DomainName, right: DomainName) -> Bool {
    left.bytes.count == right.bytes.count
      && zip(left.bytes, right.bytes).allSatisfy { folded($0) == folded($1) }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    for byte in bytes { hasher.combine(Self.folded(byte)) }
  }
}

extension DomainName: LosslessStringConvertible {
  /// Parses the text form of zone files (RFC 1035 section 5.1), a dot at the end or not: `\.` and `\\` for the
  /// characters themselves, `\DDD` for any byte. Nil for what is no name; `.` is the root.
  public init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    if rest == [UInt8(ascii: ".")] { rest = [] }
    var labels: [[UInt8]] = []
    var label: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "."):
        labels.append(label)
        label = []
        if rest.isEmpty {
          self.init(labels: labels)
          return
        }
      case UInt8(ascii: "\\"):
        guard let escaped = Self.escaped(&rest) else { return nil }
        label.append(escaped)
      default: label.append(byte)
      }
    }
    if !text.isEmpty, text != "." { labels.append(label) }
    self.init(labels: labels)
  }

  private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let first = rest.popFirst() else { return nil }
    guard (0x30...0x39).contains(first) else { return first }
    guard let second = rest.popFirst(), let third = rest.popFirst() else { return nil }
    return UInt8(String(decoding: [first, second, third], as: UTF8.self))
  }

  /// The text form without a dot at the end; `.` for the root.
  public var description: String {
    let labels = labels.map { label in
      label.map { byte in
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\\(Character(UnicodeScalar(byte)))"
        case 0x21...0x7e: String(Character(UnicodeScalar(byte)))
        default: "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + String(byte)
        }
      }.joined()
    }
    return labels.isEmpty ? "." : labels.joined(separator: ".")
  }
}
