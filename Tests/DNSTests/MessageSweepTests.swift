import DNS
import MeshModel
import Testing
import WeftTestKit

@Suite("DNS messages by chance")
struct MessageSweepTests {
  @Test("come back as they were written, and cut to any length are still messages", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50 {
      let message = random.message()
      #expect(try Message(message.encode()) == message)
      let limit = Int.random(in: 512...2_000, using: &random)
      let cut = message.encode(limit: limit)
      let read = try Message(cut)
      #expect(cut.count <= limit && read.questions == message.questions)
      #expect(message.answers.starts(with: read.answers) && message.authorities.starts(with: read.authorities))
    }
  }

  @Test(
    "are refused or mean the same once written again, whatever is changed in them",
    arguments: 0..<20 as Range<UInt64>
  )
  func junk(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var taken = 0
    for round in 0..<500 {
      let start = round % 2 == 0 ? random.message().encode() : packet(MessageTests.packets[round / 2 % 8].hex)
      let bytes = random.mutated(start)
      guard let message = try? Message(bytes) else { continue }
      taken += 1
      let written = message.encode()
      if written.count < DNSLimit.messageBytes, !message.header.isTruncated { #expect(try Message(written) == message) }
    }
    #expect(taken > 0)
  }

  @Test("of mere chance do no harm", arguments: 0..<10 as Range<UInt64>)
  func noise(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let zone = try #require(Zone())
    var server = NameServer(zone)
    for _ in 0..<1_000 {
      var bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      // A header that says little, so that more than the header is read.
      if bytes.count >= 12, Bool.random(using: &random) {
        bytes.replaceSubrange(2..<12, with: [1, 0, 0, 1, 0, 0, 0, 0, 0, 1])
      }
      switch server.receive(bytes, by: .udp, from: NameTable(), rotation: random.next()) {
      case .reply(let reply), .refuse(let reply, _): #expect(try Message(reply).header.isResponse)
      case .drop, .forward: break
      }
    }
    #expect(server.counts.answered + server.counts.forwarded + server.counts.refused == 1_000)
  }
}

extension SplitMix64 {
  /// A name of few different labels, so that names share their ends.
  mutating func name() -> DomainName {
    let labels = (0..<Int.random(in: 0...5, using: &self)).map { _ in
      Array(["a", "Web", "web", "shop", "mesh", "_tcp", "\u{7f}."].randomElement(using: &self).map(\.utf8) ?? "a".utf8)
    }
    return DomainName(labels: labels) ?? .root
  }

  mutating func data() -> RecordData {
    switch UInt8.random(in: 0..<9, using: &self) {
    case 0: .a(IPAddress(v4: UInt32.random(in: 0 ... .max, using: &self)))
    case 1: .aaaa(IPAddress(high: next(), low: next()))
    case 2: .ns(name())
    case 3: .cname(name())
    case 4: .ptr(name())
    case 5: .mx(preference: UInt16.random(in: 0 ... .max, using: &self), name())
    case 6:
      .soa(
        StartOfAuthority(
          server: name(),
          mailbox: name(),
          serial: UInt32.random(in: 0 ... .max, using: &self),
          refresh_s: 1,
          retry_s: 2,
          expire_s: 3,
          minimum_s: 4
        )
      )
    case 7: .srv(ServiceLocation(port: UInt16.random(in: 0 ... .max, using: &self), target: name()))
    default:
      .other(.txt, (0..<Int.random(in: 0...40, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) })
    }
  }

  mutating func records() -> [ResourceRecord] {
    (0..<Int.random(in: 0...12, using: &self)).map { _ in
      ResourceRecord(name(), ttl_s: UInt32.random(in: 0...0x7fff_ffff, using: &self), data())
    }
  }

  mutating func message() -> Message {
    var message = Message(
      // Without TC, which encoding may set.
      MessageHeader(
        id: UInt16.random(in: 0 ... .max, using: &self),
        flags: UInt16.random(in: 0 ... .max, using: &self) & ~0x200
      ),
      questions: [Question(name(), .a)],
      answers: records(),
      authorities: records(),
      additionals: records()
    )
    if Bool.random(using: &self) {
      message.edns = EDNS(
        extendedCode: UInt8.random(in: 0...255, using: &self),
        wantsSignatures: Bool.random(using: &self),
        options: (0..<Int.random(in: 0...3, using: &self)).map {
          EDNS.Option(code: UInt16($0), bytes: Array(repeating: 7, count: $0))
        }
      )
    }
    return message
  }
}
