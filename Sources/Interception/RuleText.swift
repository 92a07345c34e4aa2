/// The text of rules, taken apart as iptables does it.
enum RuleText {
  /// Splits at spaces; double quotes hold words together and a backslash takes the next character as it is.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var open = false
    var inWord = false
    var escaped = false
    for character in text {
      if escaped {
        word.append(character)
        escaped = false
      } else if character == "\\" {
        (escaped, inWord) = (true, true)
      } else if character == "\"" {
        open.toggle()
        inWord = true
      } else if character == " ", !open {
        if inWord { words.append(word) }
        (word, inWord) = ("", false)
      } else {
        word.append(character)
        inWord = true
      }
    }
    if inWord { words.append(word) }
    return words
  }

  /// The rule's meaning as a set of options: versions of iptables-save differ in their order, and in whether they
  /// name the module that an option belongs to.
  static func signature(_ text: String) -> Set<String> {
    var options: Set<String> = []
    var current: [String] = []
    for word in words(text) {
      let opensOption = (word.hasPrefix("-") && word.count > 1) || word == "!"
      if opensOption, current != ["!"] {
        if current.first != "-m", !current.isEmpty { options.insert(current.joined(separator: " ")) }
        current = []
      }
      current.append(word)
    }
    if current.first != "-m", !current.isEmpty { options.insert(current.joined(separator: " ")) }
    return options
  }

  /// Whether both mean the same.
  static func same(_ one: String, _ other: String) -> Bool { one == other || signature(one) == signature(other) }
}
