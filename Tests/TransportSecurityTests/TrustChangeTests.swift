import Authority
import MeshModel
import Testing

@testable import TransportSecurity

@Suite("A peer of a session that stands, by other roots or signers")
struct TrustChangeTests {
  @Test(
    "whom a host has signed for that lost the role is believed no more, others are, and nobody new is by its signature"
  )
  func signers() throws {
    let mesh = try TLSMesh()
    let (lost, other) = (try mesh.delegate(), try mesh.delegate("h3"))
    let without = try PeerTrust(mesh.domain, roots: mesh.authority.bundle.roots, revoked: [lost.key])
    let server = try mesh.server(tickets: try TicketKeys())
    var results: [(Bool, Bool)] = []
    for (identity, isKept) in [
      (try lost.issued("web"), false), (try other.issued("web"), true), (try mesh.identity("web"), true),
    ] {
      var pair = try TLSPair(TLSContext(.client, identity, trusting: mesh.trust), server)
      let steps = pair.shake()
      #expect(steps.server == .established)
      results += [(pair.server.isTrusted(by: mesh.trust), true), (pair.server.isTrusted(by: without), isKept)]
      var anew = try TLSPair(
        TLSContext(.client, identity, trusting: mesh.trust),
        TLSContext(.server, mesh.identity("db"), trusting: without)
      )
      #expect(anew.shake().server == (isKept ? .established : .failed(.peer(PeerFault(.revoked, at: 1)))))
    }
    #expect(results.allSatisfy { $0 == $1 }, "\(results)")
  }

  @Test(
    "is believed no more after a resumption once any signer was revoked since, and no session is taken up across that"
  )
  func resumed() throws {
    let mesh = try TLSMesh()
    let lost = try mesh.delegate()
    let without = try PeerTrust(mesh.domain, roots: mesh.authority.bundle.roots, revoked: [lost.key])
    let tickets = try TicketKeys()
    let (client, server) = (try mesh.client(), try mesh.server(tickets: tickets))
    for isResumed in [false, true] {
      var pair = try TLSPair(client, server, expecting: .identity(mesh.id("db")))
      _ = pair.shake()
      let told = (pair.server.isResumed, pair.server.isTrusted(by: mesh.trust), pair.server.isTrusted(by: without))
      #expect(told == (isResumed, true, !isResumed))
      // OpenSSL does not take up a session again that was let go of without a goodbye (ssl_clear_bad_session).
      pair.client.finish(into: pair.fromClient)
    }
    let later = try TLSContext(.server, mesh.identity("db"), trusting: without, tickets: tickets)
    var pair = try TLSPair(client, later, expecting: .identity(mesh.id("db")))
    let step = pair.shake().server
    let isResumed = pair.server.isResumed
    #expect(step == .established && !isResumed)
  }

  @Test(
    "is believed as long as the root that vouches for it is, and after a resumption as long as all of its roots are"
  )
  func roots() throws {
    let (mesh, second) = (try TLSMesh(), try TLSMesh())
    let all = mesh.authority.bundle.roots + second.authority.bundle.roots
    let both = try PeerTrust(mesh.domain, roots: all)
    let tickets = try TicketKeys()
    let peer = try mesh.id("db")
    let client = try TLSContext(.client, mesh.identity("web"), trusting: both)
    let server = try TLSContext(.server, mesh.identity("db"), trusting: both, tickets: tickets)
    var meeting = try TLSPair(client, server, expecting: .identity(peer))
    let first = meeting.shake()
    #expect(first.client == .established && first.server == .established)
    let fresh = [
      (meeting.client.isTrusted(by: both), true), (meeting.client.isTrusted(by: mesh.trust), true),
      (meeting.server.isTrusted(by: mesh.trust), true), (meeting.client.isTrusted(by: second.trust), false),
      (meeting.server.isTrusted(by: second.trust), false),
    ]
    #expect(fresh.allSatisfy { $0 == $1 }, "\(fresh)")

    var again = try TLSPair(client, server, expecting: .identity(peer))
    let steps = again.shake()
    let isResumed = again.client.isResumed
    #expect(steps.client == .established && steps.server == .established && isResumed)
    let later = [
      (again.client.isTrusted(by: both), true),
      (again.client.isTrusted(by: try PeerTrust(mesh.domain, roots: all)), true),
      (again.server.isTrusted(by: second.trust), false), (again.client.isTrusted(by: mesh.trust), false),
    ]
    #expect(later.allSatisfy { $0 == $1 }, "\(later)")
  }
}
