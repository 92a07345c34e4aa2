import Testing

@testable import Interception

@Suite("The choice of the back end")
struct BackendTests {
  private let idle = BackendChoice.Holding(usable: true)
  private let busy = BackendChoice.Holding(usable: true, foreignRules: 3)
  private let mine = BackendChoice.Holding(usable: true, ours: true)
  private let absent = BackendChoice.Holding()

  @Test("nft where neither holds rules, the other where only it is there")
  func empty() throws {
    #expect(try BackendChoice.choose(requested: nil, nft: idle, legacy: idle).backend == .nft)
    #expect(try BackendChoice.choose(requested: nil, nft: absent, legacy: idle).backend == .legacy)
    #expect(throws: CaptureError.self) { try BackendChoice.choose(requested: nil, nft: absent, legacy: absent) }
  }

  @Test("the one that holds rules, and a warning where both do")
  func follows() throws {
    let legacy = try BackendChoice.choose(requested: nil, nft: idle, legacy: busy)
    #expect(legacy == BackendChoice(backend: .legacy, warnings: []))
    #expect(try BackendChoice.choose(requested: nil, nft: busy, legacy: busy).warnings.count == 1)
  }

  @Test("the one that holds ours, and never a second one beside it")
  func stays() throws {
    #expect(try BackendChoice.choose(requested: nil, nft: busy, legacy: mine).backend == .legacy)
    #expect(throws: CaptureError.self) { try BackendChoice.choose(requested: .nft, nft: idle, legacy: mine) }
    #expect(try BackendChoice.choose(requested: .legacy, nft: idle, legacy: mine).backend == .legacy)
  }
}
