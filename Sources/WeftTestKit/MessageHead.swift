/// The head of an HTTP/1 message as a plain program reads it: nothing is judged, so that tests see what was sent.
public struct MessageHead: Sendable, CustomStringConvertible {
  /// The request line or the status line.
  public let startLine: String
  /// The fields in order, names as they were written, values without the whitespace around them.
  public let fields: [(name: String, value: String)]

  /// Reads a head's text, with or without its empty line.
  init(_ text: String) {
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
    startLine = lines.first.map(String.init) ?? ""
    fields = lines.dropFirst().map { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
      return (String(parts[0]), String(value))
    }
  }

  /// Every value of a field, in order; its name in any case.
  public func values(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  /// The first value of a field; its name in any case.
  public subscript(_ name: String) -> String? { values(name).first }

  /// The words of the start line.
  public var words: [String] { startLine.split(separator: " ").map(String.init) }

  /// The status of a status line; 0 where there is none.
  public var status: Int { words.count > 1 ? Int(words[1]) ?? 0 : 0 }

  /// The target of a request line.
  public var target: String { words.count > 1 ? words[1] : "" }

  /// As it was sent.
  public var description: String {
    ([startLine] + fields.map { "\($0.name): \($0.value)" }).joined(separator: "\n")
  }
}
