import Reactor
import Testing
import WeftTestKit

@Suite struct TokenTests {
  @Test(
    "Kind, generation and index come back from the 64 bits, at their extremes and between",
    arguments: [1, 2] as [UInt64]
  )
  func packing(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var cases: [(UInt8, UInt32, UInt32)] = [
      (0, 0, 0), (255, 0xff_ffff, .max), (255, 0, 0), (0, 0xff_ffff, 0), (0, 0, .max),
    ]
    for _ in 0..<1000 {
      cases.append(
        (
          .random(in: 0...255, using: &random), .random(in: 0...0xff_ffff, using: &random),
          .random(in: 0...(.max), using: &random)
        )
      )
    }
    for (kind, generation, index) in cases {
      let token = Token(Token.Kind(kind), slot: Slot(index: index, generation: generation))
      let returned = Token(rawValue: token.rawValue)
      #expect(returned.kind == Token.Kind(kind))
      #expect(returned.slot == Slot(index: index, generation: generation))
    }
  }

  @Test("A generation that does not fit spills into neither the kind nor the index")
  func spill() {
    let token = Token(Token.Kind(7), slot: Slot(index: 9, generation: .max))
    #expect(token.kind == Token.Kind(7))
    #expect(token.slot == Slot(index: 9, generation: 0xff_ffff))
  }
}
