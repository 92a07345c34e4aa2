import HTTP1
@testable import ProxyPath
import Testing

@Suite struct RequestTextTests {
  private static func texts(_ event: RequestEvent) -> [String] {
    event.withTexts { authority, method, target in
      [authority, method, target].map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test("What fits is kept as it came, the method by its name or, where it is none of ours, by its bytes")
  func kept() {
    var event = RequestEvent.sample()
    #expect(Self.texts(event) == ["web", "GET", "/items?id=1"] && !event.isCut)
    event.method = .other
    event.keep("", "BREW", "/pot")
    #expect(Self.texts(event) == ["", "BREW", "/pot"] && !event.isCut)
    event.keep("", "", "")
    #expect(Self.texts(event) == ["", "", ""] && !event.isCut)
  }

  @Test("What is longer is cut to the event's bound, which is said, and each text keeps its own share")
  func cut() {
    var event = RequestEvent.sample()
    let long = String(repeating: "h", count: 300)
    event.method = .other
    event.keep(long, String(repeating: "M", count: 64), "/" + long)
    #expect(
      Self.texts(event)
        == [String(long.prefix(120)), String(repeating: "M", count: 20), String(("/" + long).prefix(100))]
    )
    #expect(event.isCut && event.isAuthorityCut)
    event.keep("web", "", String(long.prefix(237)))
    #expect(Self.texts(event)[2].utf8.count == 237 && !event.isCut)
    event.keep("web", "", String(long.prefix(238)))
    #expect(Self.texts(event)[2].utf8.count == 237 && event.isCut && !event.isAuthorityCut)
  }

  @Test("Counts that do not agree with the storage lend nothing beyond it")
  func wrongCounts() {
    var event = RequestEvent.sample()
    event.method = .other
    (event.authorityCount, event.methodCount, event.targetCount) = (200, 200, 255)
    #expect(Self.texts(event).map(\.utf8.count) == [200, 40, 0])
  }
}
