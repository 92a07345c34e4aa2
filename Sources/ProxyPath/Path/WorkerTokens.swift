internal import Reactor

/// What a worker waits for on the path itself; the others of its loop stand beside what they are about.
extension Token.Kind {
  static let listener = Token.Kind(1)
  static let mail = Token.Kind(2)
  static let downstream = Token.Kind(3)
  static let upstream = Token.Kind(4)
}

extension Token {
  /// A token of something that is not in a slab and never goes away.
  init(_ kind: Kind, index: UInt32) { self.init(kind, slot: Slot(index: index, generation: 0)) }
}
