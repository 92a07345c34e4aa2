import MeshModel
@testable import ProxyPath
import Testing

@Suite struct TapTests {
  private let tap = Tap()

  private func add(_ count: Int, status: UInt16 = 200) {
    for _ in 0..<count {
      tap.add(
        RequestReport(.sample(status: status), RequestWords(.sample(), nil), nil, time_ms: 0)
      )
    }
  }

  private func read(_ after: UInt64?, limit: Int = 2_000, _ filter: TapFilter = TapFilter()) -> [UInt64] {
    tap.read(after: after, limit: limit, filter).requests.map(\.sequence)
  }

  @Test("The first question tells only where to begin; the next ones what came since")
  func sequence() {
    add(3)
    #expect(tap.read(after: nil, limit: 9, TapFilter()) == ([], 3, 0))
    add(2)
    #expect(read(3) == [4, 5])
    #expect(tap.read(after: 5, limit: 9, TapFilter()) == ([], 5, 0))
  }

  @Test("A limit stops where the next question goes on")
  func limit() {
    add(5)
    let first = tap.read(after: 0, limit: 2, TapFilter())
    #expect(first.requests.map(\.sequence) == [1, 2] && first.newest == 2)
    #expect(read(first.newest) == [3, 4, 5])
  }

  @Test("What the filter leaves out is passed over, not asked for again")
  func filtered() {
    add(2)
    add(1, status: 503)
    add(2)
    let found = tap.read(after: 0, limit: 9, TapFilter(status: .every(5)))
    #expect(found.requests.map(\.sequence) == [3] && found.newest == 5 && found.lost == 0)
  }

  @Test("A full ring makes room for the newest, and tells who asks late how many are gone")
  func full() {
    add(Tap.capacity + 10)
    let found = tap.read(after: 4, limit: 2_000, TapFilter())
    #expect(found.lost == 6)
    #expect(found.requests.map(\.sequence) == (11...UInt64(Tap.capacity + 10)).map { $0 })
    #expect(read(UInt64(Tap.capacity + 9)) == [UInt64(Tap.capacity + 10)])
  }

  @Test("A number that was never given is from a proxy before: all of this one's requests came after it")
  func restarted() {
    add(2)
    #expect(read(900) == [1, 2])
  }

  @Test("Once nobody asks the memory is given back, and the numbers go on")
  func forgotten() {
    tap.arm(now_ns: 0)
    add(3)
    tap.forgetIfUnasked(now_ns: Tap.armed_ns - 1)
    #expect(read(0) == [1, 2, 3])
    tap.forgetIfUnasked(now_ns: Tap.armed_ns)
    #expect(tap.read(after: 1, limit: 9, TapFilter()) == ([], 3, 2))
    add(1)
    #expect(read(3) == [4])
  }
}

private func == (
  left: (requests: [RequestReport], newest: UInt64, lost: UInt64),
  right: ([RequestReport], UInt64, UInt64)
) -> Bool {
  left.requests == right.0 && left.newest == right.1 && left.lost == right.2
}
