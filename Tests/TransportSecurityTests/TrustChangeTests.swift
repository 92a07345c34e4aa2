import Authority
import MeshModel
import Testing

@testable import TransportSecurity

@Suite("A peer of a session that stands, by other roots")
struct TrustChangeTests {
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
