import MeshModel
import Testing

@Suite struct AuthorizationTermsTests {
  private static let block = IPPrefix(IPAddress(v4: 0x0a00_0000), length: 8)

  @Test("Every list of a source is in a table, once, and under its own name")
  func source() {
    typealias Source = AuthorizationPolicy.Source
    #expect(Source.texts.map(\.0) + Source.blocks.map(\.0) == Array(Source.Term.allCases))
    for (term, list) in Source.texts { #expect(filled(Source(), list, [.exact("x")]) == [term.rawValue.lowercased()]) }
    for (term, list) in Source.blocks {
      #expect(filled(Source(), list, [Self.block].compactMap(\.self)) == [term.rawValue.lowercased()])
    }
  }

  @Test("Every list of an operation is in a table, once, and under its own name")
  func operation() {
    typealias Operation = AuthorizationPolicy.Operation
    #expect(Set(Operation.texts.map(\.0) + Operation.numbers.map(\.0)) == Set(Operation.Term.allCases))
    for (term, list) in Operation.texts {
      #expect(filled(Operation(), list, [.exact("x")]) == [term.rawValue.lowercased()])
    }
    for (term, list) in Operation.numbers { #expect(filled(Operation(), list, [80]) == [term.rawValue.lowercased()]) }
  }

  /// The names of the properties of `empty` that hold something once `list` does, in lower case: documents write
  /// `notIpBlocks` for `notIPBlocks`.
  private func filled<Root, Element>(
    _ empty: Root,
    _ list: WritableKeyPath<Root, [Element]>,
    _ value: [Element]
  ) -> [String] {
    var root = empty
    root[keyPath: list] = value
    return Mirror(reflecting: root).children.filter { ($0.value as? [Any])?.isEmpty == false }.compactMap {
      $0.label?.lowercased()
    }
  }
}
