/// Columns of text, each as wide as its widest cell; the last is not padded.
struct TextTable {
  let headings: [String]
  private var rows: [[String]] = []

  init(_ headings: [String]) { self.headings = headings }

  mutating func add(_ cells: [String]) {
    rows.append(cells.map { $0.isEmpty ? "-" : Printable.text($0) })
  }

  func text(_ style: Style) -> String {
    let widths = headings.indices.map { column in
      ([headings] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).enumerated().map { index, cell in
        let padding = index + 1 < cells.count ? cell.1 - cell.0.count : 0
        return cell.0 + String(repeating: " ", count: padding)
      }.joined(separator: "  ")
    }
    return ([style.strong(line(headings))] + rows.map(line)).map { $0 + "\n" }.joined()
  }
}
