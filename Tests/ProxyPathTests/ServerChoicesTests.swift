import MeshModel
import Testing
import TransportSecurity

@testable import ProxyPath

@Suite("Servers that chose HTTP/1.1")
struct ServerChoicesTests {
  private let first = TargetWay(0, asksName: true)

  private func key(_ number: UInt32, _ name: String? = nil, _ way: TargetWay? = nil) -> PeerKey {
    PeerKey(
      address: SocketAddress(IPAddress(v4: 0x0a00_0000 + number), port: 443),
      identity: nil,
      server: ServerKey(way: way ?? first, name: name, inside: .either)
    )
  }

  @Test("are told apart by address, name and rule, and believed for so long, also as ticks begin anew")
  func believed() {
    for tick in [0, UInt32.max - 10] {
      var choices = ServerChoices()
      #expect(choices.isEmpty)
      choices.note(key(1, "a.example"), tick: tick)
      let end = tick &+ ServerChoiceLimit.ticks
      #expect(choices.isHTTP1(key(1, "a.example"), tick: end &- 1))
      #expect(!choices.isHTTP1(key(1, "a.example"), tick: end))
      for other in [key(1, "b.example"), key(2, "a.example"), key(1, "a.example", TargetWay(1, asksName: true))] {
        #expect(!choices.isHTTP1(other, tick: tick))
      }
    }
  }

  @Test("are forgotten by address where a connection fails, and by rule where its files change")
  func forgotten() {
    var choices = ServerChoices()
    let second = TargetWay(1, asksName: false)
    for key in [key(1, "a"), key(1, "b"), key(2, "a"), key(2, nil, second)] { choices.note(key, tick: 0) }
    choices.forget(key(1).address)
    #expect(!choices.isHTTP1(key(1, "a"), tick: 1) && !choices.isHTTP1(key(1, "b"), tick: 1))
    #expect(choices.isHTTP1(key(2, "a"), tick: 1) && choices.isHTTP1(key(2, nil, second), tick: 1))
    choices.forget { $0 == second }
    #expect(choices.isHTTP1(key(2, "a"), tick: 1) && !choices.isHTTP1(key(2, nil, second), tick: 1))
  }

  @Test("are as many as may be, and the one that would be asked next makes room")
  func bound() {
    var choices = ServerChoices()
    let limit = UInt32(ServerChoiceLimit.servers)
    for number in 0..<limit { choices.note(key(number), tick: number) }
    // One of them has chosen again.
    choices.note(key(0), tick: limit)
    choices.note(key(limit), tick: limit)
    #expect(choices.count == ServerChoiceLimit.servers)
    #expect(choices.isHTTP1(key(0), tick: limit) && !choices.isHTTP1(key(1), tick: limit))
    #expect(choices.isHTTP1(key(2), tick: limit) && choices.isHTTP1(key(limit), tick: limit))
  }
}
