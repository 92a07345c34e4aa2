import HTTP1
import Testing

@Suite struct AmbiguousRequestTests {
  @Test("What is ambiguous is refused, for the reason it should be", arguments: AmbiguousRequests.all)
  func refused(message: AmbiguousMessage) {
    withRequest(message.bytes) { outcome, _ in #expect(outcome == .refused(message.fault)) }
  }

  @Test("What is refused is refused on the bytes up to there, in however many pieces they come")
  func refusedInPieces() {
    for message in AmbiguousRequests.all where message.bytes.count < 1000 {
      let bytes = message.bytes
      for count in 0..<bytes.count {
        withRequest(Array(bytes[..<count])) { outcome, _ in
          #expect(outcome == .partial || outcome == .refused(message.fault), "\(message.name), \(count) bytes")
        }
      }
    }
  }

  @Test("Each message is there once, under its own name")
  func distinct() {
    let all = AmbiguousRequests.all
    #expect(all.count > 150)
    #expect(Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.text)).count == all.count)
  }

  @Test("Every fault of a request is produced by one of them")
  func complete() {
    let produced = Set(AmbiguousRequests.all.map(\.fault))
    #expect(Set(HeadFault.allCases).subtracting(produced) == [.malformedStatus])
  }
}
