import MeshModel
@testable import ProxyPath
import Reactor
import Testing

@Suite struct OutboxTests {
  private let tap = Tap()
  private let outbox: Outbox

  init() throws { outbox = Outbox(bell: try RecorderBell(), tap: tap, identities: IdentityBook()) }

  @Test("A full ring of requests drops and counts, by what was lost: a record, or something to show")
  func full() {
    for _ in 0..<Outbox.requestCapacity { outbox.post(.sample()) }
    #expect(outbox.dropped == 0)
    outbox.post(.sample())
    var tapped = RequestEvent.sample(sampled: false)
    tapped.isTapped = true
    outbox.post(tapped)
    #expect(outbox.dropped == 1 && outbox.untapped == 1)
    #expect(outbox.requests.count == Outbox.requestCapacity)
  }

  @Test("Where nobody taps no request is taken, and none counts as missed")
  func unasked() {
    #expect(!outbox.takesTap(now_ns: 1))
    #expect(outbox.untapped == 0)
  }

  @Test("A thousand requests a second are shown, the rest is counted, and the next second begins anew")
  func bounded() {
    tap.arm(now_ns: 0)
    let taken = (0..<1_500).filter { _ in outbox.takesTap(now_ns: 1_500_000_000) }.count
    #expect(taken == 1_000 && outbox.untapped == 500)
    #expect(outbox.takesTap(now_ns: 2_000_000_000))
  }

  @Test("A question is answered for five seconds and no longer")
  func lapse() {
    tap.arm(now_ns: 1_000)
    #expect(outbox.takesTap(now_ns: 1_000 + Tap.armed_ns - 1))
    #expect(!outbox.takesTap(now_ns: 1_000 + Tap.armed_ns))
  }

  @Test("Successes without a record are counted")
  func unsampled() {
    for _ in 0..<3 { outbox.noteUnsampled() }
    #expect(outbox.unsampled == 3)
  }
}
