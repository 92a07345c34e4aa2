import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Membership

@Suite("The view of members")
struct MemberViewTests {
  private struct Harness {
    var view: MemberView
    var now_ms: UInt64 = 0
    var told: [MembershipEvent] = []
    /// Events that still find room.
    var room = Int.max

    init() throws { view = MemberView(own: try MemberViewTests.host("own")) }

    /// What is told about this list.
    mutating func list(_ members: SerfMember...) -> [MembershipEvent] { list(members) }

    mutating func list(_ members: [SerfMember]) -> [MembershipEvent] {
      let start = told.count
      view.observe(members, now_ms: now_ms) { event in
        guard room > 0 else { return false }
        room -= 1
        told.append(event)
        return true
      }
      return Array(told[start...])
    }
  }

  static func host(_ name: String, key: UInt8 = 1, role: MemberTags.Role = .member) throws -> Member {
    let address = try #require(SocketAddress("10.0.0.1:7946"))
    let key = try #require(KeyFingerprint([UInt8](repeating: key, count: 32)))
    return Member(name: name, address: address, tags: MemberTags(key: key, peerAddress: address, role: role))
  }

  private static func seen(_ member: Member, _ status: SerfMember.Status = .alive) -> SerfMember {
    SerfMember(name: member.name, address: member.address, tags: member.tags.encoded, status: status)
  }

  @Test("tells the own host first, whatever gossip says of it, and each change of another once")
  func changes() throws {
    var harness = try Harness()
    let (a, own) = (try Self.host("a"), try Self.host("own"))
    #expect(harness.list() == [.up(own)])
    #expect(harness.list(Self.seen(own, .failed), Self.seen(a)) == [.up(a)])
    #expect(harness.list(Self.seen(a)) == [])
    let signs = try Self.host("a", role: .authority)
    #expect(harness.list(Self.seen(signs)) == [.changed(signs)])
    #expect(harness.list(Self.seen(signs, .failed)) == [.down(signs.with(.failed), reason: .failed)])
    #expect(harness.list(Self.seen(signs, .failed)) == [])
    #expect(harness.view.members == [signs.with(.failed), own])
    #expect(harness.list(Self.seen(signs)) == [.up(signs)])
    #expect(harness.list(Self.seen(signs, .leaving)) == [.down(signs.with(.left), reason: .left)])
    #expect(harness.list(Self.seen(signs, .left)) == [])
    #expect(harness.list() == [] && harness.view.members == [own])
  }

  @Test("follows the own host's tags and the address that Serf chose")
  func own() throws {
    var harness = try Harness()
    _ = harness.list()
    var own = try Self.host("own", role: .authority)
    harness.view.setOwn(own.tags)
    #expect(harness.list() == [.changed(own)])
    own = Member(name: "own", address: try #require(SocketAddress("10.0.0.9:7946")), tags: own.tags)
    #expect(harness.list(Self.seen(own)) == [.changed(own)])
  }

  @Test("a host that was gone when it was first listed is known, and not told")
  func goneFromTheStart() throws {
    var harness = try Harness()
    _ = harness.list()
    let a = try Self.host("a")
    #expect(harness.list(Self.seen(a, .failed)) == [])
    #expect(harness.view.members.first == a.with(.failed))
  }

  @Test("another key under a name is another host: the old one is down, the new one up")
  func replaced() throws {
    var harness = try Harness()
    let (old, new) = (try Self.host("a", key: 1), try Self.host("a", key: 2))
    _ = harness.list(Self.seen(old))
    #expect(harness.list(Self.seen(new)) == [.down(old.with(.failed), reason: .replaced), .up(new)])
    #expect(harness.list(Self.seen(old, .failed)) == [.down(new.with(.failed), reason: .replaced)])
  }

  @Test("what is no host of the mesh is refused with the reason, once, and counted")
  func refused() throws {
    var harness = try Harness()
    let a = try Self.host("a")
    _ = harness.list(Self.seen(a))
    var stranger = SerfMember(name: "s", address: a.address, tags: [:], status: .alive)
    let first = MembershipEvent.refused(name: "s", reason: .missingTag("fp"))
    #expect(harness.list(Self.seen(a), stranger) == [first])
    #expect(harness.list(Self.seen(a), stranger) == [])
    stranger.tags = a.tags.encoded
    stranger.address = nil
    #expect(harness.list(Self.seen(a), stranger) == [.refused(name: "s", reason: .malformedAddress)])
    stranger.name = "s\n"
    #expect(harness.list(Self.seen(a), stranger) == [.refused(name: "s\n", reason: .malformedName)])
    #expect(harness.view.refusals == 3)

    var turned = Self.seen(a)
    turned.tags["v"] = "x"
    #expect(
      harness.list(turned)
        == [.down(a.with(.failed), reason: .refused), .refused(name: "a", reason: .malformedTag("v"))]
    )
    #expect(harness.list(Self.seen(a)) == [.up(a)])
  }

  @Test("a live host that a fresh Serf does not list is dead only after a while, and not sooner for another restart")
  func absence() throws {
    var harness = try Harness()
    let a = try Self.host("a")
    _ = harness.list(Self.seen(a))
    #expect(harness.list() == [])
    harness.now_ms += MembershipLimit.absence_ms - 1
    #expect(harness.list() == [])
    harness.view.forgetAbsences()
    harness.now_ms += 1
    #expect(harness.list() == [])
    harness.now_ms += MembershipLimit.absence_ms / 2
    #expect(harness.list(Self.seen(a)) == [])
    harness.now_ms += MembershipLimit.absence_ms
    #expect(harness.list() == [])
    harness.now_ms += MembershipLimit.absence_ms
    #expect(harness.list() == [.down(a.with(.failed), reason: .failed)])
    #expect(harness.view.members.map(\.name) == ["own"])
  }

  @Test("what found no room is told later, as it is then: 200 seeded runs")
  func overflow() throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var harness = try Harness()
      let hosts = try (0..<6).map { (try Self.host("h\($0)", key: 1), try Self.host("h\($0)", key: 2)) }
      var last: [SerfMember] = []
      for _ in 0..<30 {
        harness.now_ms += 100
        harness.room = Int.random(in: 0...2, using: &random)
        last = hosts.map { pair in
          var member = Self.seen(
            Bool.random(using: &random) ? pair.0 : pair.1,
            Bool.random(using: &random) ? .alive : .failed
          )
          if Int.random(in: 0..<8, using: &random) == 0 { member.tags = [:] }
          return member
        }
        _ = harness.list(last)
      }
      harness.room = .max
      _ = harness.list(last)
      // What the reader makes of the events is what Serf lists.
      var alive: [OwnerID] = []
      for event in harness.told {
        switch event {
        case .up(let member):
          #expect(!alive.contains(member.owner))
          alive.append(member.owner)
        case .down(let member, _):
          let index = try #require(alive.firstIndex { $0.name == member.name })
          alive.remove(at: index)
        case .changed, .refused, .nameConflict: break
        }
      }
      let listed = last.compactMap { try? Member($0) }.filter { $0.status == .alive }.map(\.owner)
      #expect(Set(alive) == Set(listed + [harness.view.own.owner]), "seed \(seed)")
    }
  }

  @Test("no more members are known than there is room for, and that is said once")
  func bound() throws {
    var harness = try Harness()
    let tags = try Self.host("x").tags.encoded
    let address = SocketAddress("10.0.0.2:7946")
    let crowd = (0..<MembershipLimit.members + 5).map {
      SerfMember(name: "h\($0)", address: address, tags: tags, status: .alive)
    }
    let events = harness.list(crowd)
    #expect(harness.view.members.count == MembershipLimit.members)
    #expect(events.filter { if case .refused(_, .tooManyMembers) = $0 { true } else { false } }.count == 1)
  }
}
