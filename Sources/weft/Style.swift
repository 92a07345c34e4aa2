import Glibc

/// Colours for a terminal; plain text anywhere else.
struct Style {
  let isColoured: Bool

  static let plain = Style(isColoured: false)

  /// Coloured on a terminal, unless NO_COLOR (no-color.org) or a dumb terminal asks for none.
  static var ofStandardOutput: Style {
    let asksForNone = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return Style(isColoured: isatty(STDOUT_FILENO) == 1 && !asksForNone && !isDumb)
  }

  func good(_ text: String) -> String { paint(text, "32") }
  func bad(_ text: String) -> String { paint(text, "31") }
  func strong(_ text: String) -> String { paint(text, "1") }
  func faint(_ text: String) -> String { paint(text, "2") }

  private func paint(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
