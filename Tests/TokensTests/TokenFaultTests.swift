import Testing
import Tokens

@Suite("A token's fault")
struct TokenFaultTests {
  @Test("has a word of its own for records")
  func words() {
    let words = TokenFault.allCases.map { String(describing: $0.text) }
    #expect(Set(words).count == TokenFault.allCases.count)
    #expect(words.allSatisfy { $0.utf8.allSatisfy { $0 == 0x2d || 0x61...0x7a ~= $0 } })
  }
}
