internal import Reactor

/// What the control thread waits for; the others of its loop stand beside what they are about.
extension Token.Kind {
  static let signals = Token.Kind(16)
  static let watch = Token.Kind(17)
  static let controlListener = Token.Kind(18)
  static let exchange = Token.Kind(19)
  static let questions = Token.Kind(20)
  static let agent = Token.Kind(21)
  static let names = Token.Kind(22)
  static let identity = Token.Kind(23)
}
