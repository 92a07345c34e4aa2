import Authority
import COpenSSL
import MeshModel
import Testing

@testable import TransportSecurity

@Suite("A TLS session is taken up again")
struct ResumptionTests {
  /// A client and a server that have met once, and whether their second meeting is a resumption.
  private func resumes(
    _ client: borrowing TLSContext,
    _ first: borrowing TLSContext,
    _ second: borrowing TLSContext,
    _ peer: SPIFFEID,
    now_s: Int64 = TLSMesh.start_s
  ) throws -> Bool? {
    var meeting = try TLSPair(client, first, expecting: .identity(peer))
    let step = meeting.shake().client
    #expect(step == .established)
    var again = try TLSPair(client, second, expecting: .identity(peer))
    let steps = again.shake(now_s: now_s)
    guard steps.client == .established, steps.server == .established else { return nil }
    let (isResumed, met, metBy) = (again.server.isResumed, again.client.peer, again.server.peer)
    let both = again.client.isResumed
    #expect(both == isResumed)
    #expect(met?.spiffeID == peer && metBy != nil)
    return isResumed
  }

  @Test("by the same two, also by another worker of the server's proxy and after its leaf was renewed")
  func resumed() throws {
    let mesh = try TLSMesh()
    let tickets = try TicketKeys()
    let client = try mesh.client()
    let servers = try (0..<2).map { _ in try mesh.server(tickets: tickets) }
    #expect(try resumes(client, servers[0], servers[1], mesh.id("db")) == true)
  }

  @Test("by a client whose leaf was renewed, and not by one of another identity or with other roots")
  func renewed() throws {
    let mesh = try TLSMesh()
    let server = try mesh.server(tickets: TicketKeys())
    let peer = try mesh.id("db")
    func next(_ account: String, _ trust: PeerTrust) throws -> Bool? {
      let before = try mesh.client()
      var meeting = try TLSPair(before, server, expecting: .identity(peer))
      let step = meeting.shake().client
      #expect(step == .established)
      let later = try mesh.identity(account, at: TLSMesh.start_s + 60)
      let after = try TLSContext(.client, later, trusting: trust, after: before)
      var again = try TLSPair(after, server, expecting: .identity(peer))
      let steps = again.shake(now_s: TLSMesh.start_s + 60)
      guard steps.client == .established, steps.server == .established else { return nil }
      let (isResumed, seen) = (again.client.isResumed, again.server.peer?.spiffeID)
      #expect(try seen == mesh.id(account))
      return isResumed
    }
    #expect(try next("web", mesh.trust) == true)
    #expect(try next("other", mesh.trust) == false)
    let more = try PeerTrust(mesh.domain, roots: mesh.authority.bundle.roots + TLSMesh().authority.bundle.roots)
    #expect(try next("web", more) == false)
  }

  @Test("not where the server has no ticket keys, or others")
  func otherKeys() throws {
    let mesh = try TLSMesh()
    let client = try mesh.client()
    #expect(try resumes(client, mesh.server(), mesh.server(), mesh.id("db")) == false)
    // OpenSSL would seal tickets with keys of its own.
    let keyless = try mesh.server()
    #expect(try resumes(client, keyless, keyless, mesh.id("db")) == false)
    let (one, two) = (try mesh.server(tickets: TicketKeys()), try mesh.server(tickets: TicketKeys()))
    #expect(try resumes(client, one, two, mesh.id("db")) == false)
  }

  @Test("not by a server of another identity, or that trusts other roots, though its keys are the same")
  func otherContext() throws {
    let mesh = try TLSMesh()
    let tickets = try TicketKeys()
    let client = try mesh.client()
    // Whoever has the ticket keys of another identity is refused as that other.
    #expect(
      try resumes(client, mesh.server(tickets: tickets), mesh.server("cache", tickets: tickets), mesh.id("db")) == nil
    )
    let more = try PeerTrust(mesh.domain, roots: mesh.authority.bundle.roots + TLSMesh().authority.bundle.roots)
    let other = try TLSContext(.server, mesh.identity("db"), trusting: more, tickets: tickets)
    #expect(try resumes(mesh.client(), mesh.server(tickets: tickets), other, mesh.id("db")) == false)
  }

  @Test("only as long as the certificates of the first meeting are valid")
  func expired() throws {
    let mesh = try TLSMesh()
    let tickets = try TicketKeys()
    let late_s = try mesh.identity("web").notAfter_s + 21
    let server = try mesh.server(tickets: tickets)
    #expect(try resumes(mesh.client(), server, server, mesh.id("db"), now_s: late_s) == nil)
  }

  @Test("once with each ticket, and of at most 256 peers the oldest is forgotten")
  func bounded() throws {
    let mesh = try TLSMesh()
    let client = try mesh.client()
    let tickets = try TicketKeys()
    let cache = try #require(client.resumption)
    for number in 0...ResumptionCache.peers {
      var pair = try TLSPair(
        client,
        mesh.server("a\(number)", tickets: tickets),
        expecting: .identity(mesh.id("a\(number)"))
      )
      let step = pair.shake().client
      #expect(step == .established)
    }
    #expect(try cache.take(mesh.id("a0"), now_s: TLSMesh.start_s) == nil)
    let kept = try #require(try cache.take(mesh.id("a1"), now_s: TLSMesh.start_s))
    #expect(try cache.take(mesh.id("a1"), now_s: TLSMesh.start_s) == nil)
    try cache.keep(kept.session, of: mesh.id("a1"), ends_s: kept.ends_s)
  }

  @Test("for an hour and no longer, though its certificates are good for a day")
  func hour() throws {
    let mesh = try TLSMesh()
    let (client, server) = (try mesh.client(), try mesh.server(tickets: TicketKeys()))
    let peer = try mesh.id("db")
    let cache = try #require(client.resumption)
    for (age_s, isTakenUp) in [(3_540, true), (3_660, false)] {
      var meeting = try TLSPair(client, server, expecting: .identity(peer))
      let step = meeting.shake().client
      #expect(step == .established)
      let kept = try #require(cache.take(peer, now_s: TLSMesh.start_s))
      #expect(SSL_SESSION_get_ticket_lifetime_hint(kept.session) == 3_600)
      // As if they had met that long ago by the machine's clock, which OpenSSL goes by.
      SSL_SESSION_set_time(kept.session, SSL_SESSION_get_time(kept.session) - age_s)
      cache.keep(kept.session, of: peer, ends_s: kept.ends_s)
      var again = try TLSPair(client, server, expecting: .identity(peer))
      let steps = again.shake()
      let isResumed = again.client.isResumed
      #expect(steps.client == .established && steps.server == .established && isResumed == isTakenUp, "\(age_s) s")
      // OpenSSL takes up no session whose connection was cut off.
      again.client.finish(into: again.fromClient)
      meeting.client.finish(into: meeting.fromClient)
    }
  }

  @Test(
    "not with a certificate of the first meeting that has run out since, whatever the client remembers",
    arguments: [true, false]
  )
  func overdue(isClientsOlder: Bool) throws {
    let mesh = try TLSMesh()
    let (peer, now_s) = (try mesh.id("db"), TLSMesh.start_s + 3_600)
    let (older, newer) = (TLSMesh.start_s, now_s)
    let client = try TLSContext(.client, mesh.identity("web", at: isClientsOlder ? older : newer), trusting: mesh.trust)
    let own = try mesh.identity("db", at: isClientsOlder ? newer : older)
    let server = try TLSContext(.server, own, trusting: mesh.trust, tickets: TicketKeys())
    var meeting = try TLSPair(client, server, expecting: .identity(peer))
    let step = meeting.shake(now_s: now_s).client
    #expect(step == .established)
    let cache = try #require(client.resumption)
    let kept = try #require(cache.take(peer, now_s: now_s))
    #expect(kept.ends_s == min(client.identity.notAfter_s, own.notAfter_s))
    cache.keep(kept.session, of: peer, ends_s: .max)
    var again = try TLSPair(client, server, expecting: .identity(peer))
    let steps = again.shake(now_s: kept.ends_s + 21)
    let refused = HandshakeStep.failed(.peer(PeerFault(.expired)))
    #expect((isClientsOlder ? steps.server : steps.client) == refused, "\(steps)")
    meeting.client.finish(into: meeting.fromClient)
  }

  @Test(
    "and where a certificate of the first meeting has run out since, both meet anew by the ones that they have by then",
    arguments: [true, false]
  )
  func outlived(isClientsOlder: Bool) throws {
    let mesh = try TLSMesh()
    let (peer, tickets) = (try mesh.id("db"), try TicketKeys())
    let later_s = TLSMesh.start_s + 12 * 3_600
    func identity(_ account: String, isOlder: Bool) throws -> OwnIdentity {
      try mesh.identity(account, at: isOlder ? TLSMesh.start_s : TLSMesh.start_s + 3_600)
    }
    let client = try TLSContext(.client, identity("web", isOlder: isClientsOlder), trusting: mesh.trust)
    let server = try TLSContext(
      .server,
      identity("db", isOlder: !isClientsOlder),
      trusting: mesh.trust,
      tickets: tickets
    )
    var first = try TLSPair(client, server, expecting: .identity(peer))
    let steps = first.shake(now_s: TLSMesh.start_s + 3_600)
    #expect(steps.client == .established && steps.server == .established)
    // Renewed as they should be, and seen again since.
    let renewed = try TLSContext(.client, mesh.identity("web", at: later_s), trusting: mesh.trust, after: client)
    let other = try TLSContext(.server, mesh.identity("db", at: later_s), trusting: mesh.trust, tickets: tickets)
    func meet(at now_s: Int64, isResumed: Bool) throws {
      var pair = try TLSPair(renewed, other, expecting: .identity(peer))
      let steps = pair.shake(now_s: now_s)
      let found = pair.client.isResumed
      #expect(steps.client == .established && steps.server == .established && found == isResumed, "\(steps) \(now_s)")
      pair.client.finish(into: pair.fromClient)
    }
    try meet(at: later_s, isResumed: true)
    let end_s = min(client.identity.notAfter_s, server.identity.notAfter_s)
    try meet(at: end_s, isResumed: true)
    try meet(at: end_s + 21, isResumed: false)
    try meet(at: end_s + 22, isResumed: true)
  }
}
