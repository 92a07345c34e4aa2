public import Logging
internal import MeshModel

/// One line of what Serf says.
public struct SerfLine: Hashable, Sendable {
  /// What a line can mean to us, besides being worth logging.
  enum Fact: Hashable, Sendable {
    /// Its RPC takes requests. Said before anything that another member could have put in.
    case running
    /// Another host gossips under our name.
    case nameTaken(by: String)
    /// Two others do.
    case nameConflict(name: String, String, String)
    /// Somebody gossips by a key that this host has not.
    case undecrypted(from: SocketAddress?)
    /// Serf gives way to the other host of our name, and ends.
    case gaveWay
  }

  /// How much it matters.
  public let level: Logger.Level
  /// What it says, without time and level.
  public let text: String

  /// Reads `    2006/01/02 15:04:05 [INFO] serf: ...` and `==> ...`.
  init(_ line: String) {
    var rest = line[...].drop { $0 == " " }
    if rest.hasPrefix("==> ") { rest = rest.dropFirst(4) }
    let words = rest.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    if words.count == 3, Self.isDigits(words[0], "/", 10), Self.isDigits(words[1], ":", 8) { rest = words[2] }
    level = Self.levels.first { rest.hasPrefix($0.0) }?.1 ?? .info
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: end)...].drop { $0 == " " }
    }
    text = String(rest)
  }

  private static let levels: [(String, Logger.Level)] = [
    ("[TRACE]", .trace), ("[DEBUG]", .debug), ("[INFO]", .info), ("[WARN]", .warning), ("[ERR]", .error),
    ("[ERROR]", .error),
  ]

  private static func isDigits(_ word: Substring, _ separator: Character, _ length: Int) -> Bool {
    word.utf8.count == length && word.allSatisfy { $0 == separator || ("0"..."9").contains($0) }
  }

  var fact: Fact? {
    if text == "Serf agent running!" { return .running }
    if text.hasPrefix("serf: minority in name conflict resolution") { return .gaveWay }
    if text.hasPrefix("memberlist: "), text.contains("No installed keys could decrypt the message") {
      let from = text.split(separator: " ").last { $0.hasPrefix("from=") }
      return .undecrypted(from: from.flatMap { SocketAddress(String($0.dropFirst("from=".count))) })
    }
    if let rest = Self.after("serf: Node name conflicts with another node at ", in: text) {
      return .nameTaken(by: String(rest.prefix { $0 != " " }.trimmingSuffix(".")))
    }
    if let rest = Self.after("serf: Name conflict for '", in: text), let quote = rest.range(of: "' both ") {
      let words = rest[quote.upperBound...].split(separator: " ")
      guard words.count >= 3, words[1] == "and" else { return nil }
      return .nameConflict(name: String(rest[..<quote.lowerBound]), String(words[0]), String(words[2]))
    }
    return nil
  }

  private static func after(_ prefix: String, in text: String) -> Substring? {
    text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ suffix: String) -> Substring { hasSuffix(suffix) ? dropLast(suffix.count) : self }

  fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}

/// Cuts what comes in pieces into lines of bounded length.
struct LineCutter {
  private var line: [UInt8] = []
  /// The line goes on beyond what is kept of it.
  private var isCut = false

  /// The lines that ended within these bytes. Bytes that are no UTF-8 are replaced.
  mutating func cut(_ bytes: UnsafeRawBufferPointer) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self) + (isCut ? " ..." : "")) }
        line.removeAll(keepingCapacity: true)
        isCut = false
      } else if line.count < MembershipLimit.lineBytes {
        line.append(byte)
      } else {
        isCut = true
      }
    }
    return lines
  }
}
