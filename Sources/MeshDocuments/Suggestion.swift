/// What someone who wrote an unknown word most likely meant.
enum Suggestion {
  /// Words beyond this are not typing errors of ours; the bound keeps the comparison cheap.
  private static let maxLength = 64

  /// The closest of `known`, where it is close enough to be a slip: letter case, or a third of the letters.
  static func closest(to word: String, among known: [String]) -> String? {
    guard word.count <= maxLength else { return nil }
    if let same = known.first(where: { $0.lowercased() == word.lowercased() }) { return same }
    let limit = max(1, word.count / 3)
    let ranked = known.map { (word: $0, distance: distance(word, $0)) }.filter { $0.distance <= limit }
    return ranked.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
  }

  /// `; did you mean "x"?`, or what is known where nothing is close.
  static func clause(for word: String, among known: [String]) -> String {
    if let closest = closest(to: word, among: known) { return "did you mean \"\(closest)\"?" }
    return "known here: \(known.joined(separator: ", "))"
  }

  /// Letters to insert, delete, replace or swap with a neighbour (optimal string alignment).
  private static func distance(_ one: String, _ other: String) -> Int {
    let left = Array(one)
    let right = Array(other)
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var line = [row + 1]
      for (column, candidate) in right.enumerated() {
        var best = min(last[column] + (letter == candidate ? 0 : 1), last[column + 1] + 1, line[column] + 1)
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == candidate {
          best = min(best, beforeLast[column - 1] + 1)
        }
        line.append(best)
      }
      (beforeLast, last) = (last, line)
    }
    return last[right.count]
  }
}
