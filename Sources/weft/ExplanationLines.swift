/// The lines of an explanation for people. What documents and peers wrote is made harmless before it is coloured.
struct ExplanationLines {
  let style: Style
  private(set) var text = ""

  /// Entries of a list that are told; the rest is counted.
  static let maxListed = 20

  init(_ style: Style) { self.style = style }

  /// The first line: what is asked about, and the answer.
  mutating func headline(_ question: String, isGood: Bool, _ answer: String) {
    let answer = Printable.text(answer)
    text += "\(Printable.text(question)): \(isGood ? style.good(answer) : style.bad(answer))\n"
  }

  /// An empty line, and what the next lines are about.
  mutating func section(_ title: String, _ rest: String = "") {
    text += "\n\(style.strong(Printable.text(title)))\(Printable.text(rest.isEmpty ? "" : ": \(rest)"))\n"
  }

  mutating func line(_ words: String, indent: Int = 1) {
    text += String(repeating: "  ", count: indent) + Printable.text(words) + "\n"
  }

  /// A line that says yes or no before it says why.
  mutating func verdict(_ subject: String, _ isGood: Bool, _ answer: String, _ reason: String = "") {
    let answer = Printable.text(answer)
    text += "  \(Printable.text(subject)): \(isGood ? style.good(answer) : answer)"
    text += reason.isEmpty ? "\n" : "\(Printable.text(": \(reason)"))\n"
  }

  /// `entries`, or the first of them and how many more there are.
  mutating func list<Entry>(_ entries: [Entry], _ add: (Entry, inout ExplanationLines) -> Void) {
    for entry in entries.prefix(Self.maxListed) { add(entry, &self) }
    if entries.count > Self.maxListed { line("and \(entries.count - Self.maxListed) more; -o json lists all") }
  }

  /// Columns, indented.
  mutating func table(_ rows: [[String]]) {
    let shown = rows.prefix(Self.maxListed).map { $0.map(Printable.text) }
    let columns = shown.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      shown.compactMap { $0.count > column ? $0[column].count : nil }.max() ?? 0
    }
    for row in shown {
      var line = "  "
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    if rows.count > Self.maxListed { line("and \(rows.count - Self.maxListed) more; -o json lists all") }
  }
}

extension [String: String] {
  /// `a=b,c=d`, or `none`.
  var labelText: String {
    isEmpty ? "none" : sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}
