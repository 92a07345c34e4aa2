/// JSON for people: its own texts and numbers, over lines.
enum PrettyJSON {
  /// `json` must be JSON without white space between its values.
  static func text(_ json: [UInt8]) -> String {
    var text: [UInt8] = []
    var depth = 0
    var isText = false
    var isEscaped = false
    func newLine() { text += "\n\(String(repeating: "  ", count: depth))".utf8 }
    for (index, byte) in json.enumerated() {
      if isText {
        text.append(byte)
        if !isEscaped, byte == UInt8(ascii: "\"") { isText = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        text.append(byte)
        depth += 1
        let next = index + 1 < json.count ? json[index + 1] : 0
        if next != UInt8(ascii: "}"), next != UInt8(ascii: "]") { newLine() }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth = max(0, depth - 1)
        if let last = text.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { newLine() }
        text.append(byte)
      case UInt8(ascii: ","):
        text.append(byte)
        newLine()
      case UInt8(ascii: ":"): text += ": ".utf8
      default:
        isText = byte == UInt8(ascii: "\"")
        text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self) + "\n"
  }
}
