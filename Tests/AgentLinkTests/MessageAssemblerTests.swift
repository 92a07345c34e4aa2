import Testing
import WeftTestKit

@testable import AgentLink

@Suite struct MessageAssemblerTests {
  private func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + HTTP2Frame.number(UInt32(message.count)) + message
  }

  /// The messages of a body that comes in these pieces.
  private func messages(_ pieces: [[UInt8]], limit: Int = 1000) throws(GRPCStatus) -> [[UInt8]] {
    var assembler = MessageAssembler(limit_bytes: limit)
    var found: [[UInt8]] = []
    for piece in pieces {
      let outcome = piece.withUnsafeBytes { bytes in
        Result { () throws(GRPCStatus) in try assembler.add(bytes) { found.append($0) } }
      }
      try outcome.get()
    }
    return found
  }

  @Test("Messages are found however the body is cut", arguments: 0..<100)
  func pieces(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let sent = (0..<20).map { _ in
      (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    var rest = sent.flatMap { framed($0) }[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
      pieces.append(Array(rest.prefix(Int.random(in: 1...30, using: &random))))
      rest = rest.dropFirst(pieces.last?.count ?? 0)
    }
    #expect(try messages(pieces) == sent)
  }

  @Test("A message above the bound is refused by its length alone, and one of just the bound is taken")
  func bound() throws {
    let whole = [UInt8](repeating: 1, count: 1000)
    #expect(try messages([framed(whole)]) == [whole])
    let above = #expect(throws: GRPCStatus.self) { try messages([[0] + HTTP2Frame.number(1001)]) }
    #expect(above?.code == .resourceExhausted)
    let most = #expect(throws: GRPCStatus.self) { try messages([[0] + HTTP2Frame.number(.max)]) }
    #expect(most?.code == .resourceExhausted)
  }

  @Test("A compressed message is refused, since that was not offered")
  func compressed() {
    let refused = #expect(throws: GRPCStatus.self) { try messages([framed([1], flag: 1)]) }
    #expect(refused?.code == .internalError)
  }
}
