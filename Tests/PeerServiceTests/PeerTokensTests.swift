import Authority
import MeshAPI
import MeshModel
import MeshServices
import Testing

@testable import PeerService

@Suite("Tokens that another host signs", .timeLimit(.minutes(1)))
struct PeerTokensTests {
  private func audiences(_ names: String...) throws -> JWTAudiences { try #require(JWTAudiences(names)) }

  @Test("are for the workload and the audiences that were asked for, and come with the key that signed them")
  func signed() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    let web = try SPIFFEID.workload(scene.domain, namespace: "shop", serviceAccount: "web")
    let wanted = try audiences("db", "cache")
    try await PeerServer.onLoopback(scene.host("b"), HeldHandler(scene)).serving { address in
      let token = try await PeerCalls(trust: a).signJWT(web, for: wanted, at: address)
      let verifier = JWTVerifier(scene.domain, keys: [token.key])
      for audience in wanted.names {
        #expect(try verifier.verify(token.text, audience: audience, now_s: PeerTrust.now_s).spiffeID == web)
      }
      let left_s: Int64 = token.expires_s - PeerTrust.now_s
      #expect(left_s <= AuthorityTiming.jwtLife_s && left_s > AuthorityTiming.jwtLife_s - 30)
    }
  }

  @Test("are refused to who shows no certificate, for hosts, for other trust domains, and for too many audiences")
  func refused() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    let server = PeerServer.onLoopback(try scene.host("b"), HeldHandler(scene))
    let wanted = try audiences("db")
    try await server.serving { address in
      for id in ["spiffe://mesh.test/weft/host/a", "spiffe://mesh.test/weft/host/b", "spiffe://other.test/ns/a/sa/b"] {
        await #expect(throws: PeerError.self, "\(id)") {
          _ = try await PeerCalls(trust: a).signJWT(SPIFFEID(id), for: wanted, at: address)
        }
      }
      await #expect(throws: PeerError.self) {
        _ = try await PeerCalls(trust: a).call(address) { peers in
          var request = Weft_Peer_V1_SignTokenRequest()
          request.spiffeID = "spiffe://mesh.test/ns/shop/sa/web"
          request.audiences = (0...JWTAudiences.limit).map { "\($0)" }
          return try await peers.signToken(request)
        }
      }
      #expect(server.counts.snapshot["tokens_refused"] == 4)
    }
  }
}
