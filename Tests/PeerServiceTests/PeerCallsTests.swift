import Authority
import MeshModel
import Testing

@testable import PeerService

@Suite("What a host asks another", .timeLimit(.minutes(1)))
struct PeerCallsTests {
  @Test("an answer about roots has the version of their bundle")
  func bundleVersion() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    try await PeerServer.onLoopback(scene.host("b"), HeldHandler(scene)).serving { address in
      let answer = try await PeerCalls(trust: a).trustAnswer(at: address)
      #expect(answer.bundleVersion == scene.authority.bundle.version)
      #expect(answer.bundleVersion > 0)
    }
  }

  @Test("a certificate that is not valid by the own clock is refused with both times and the address")
  func clock() async throws {
    let scene = try PeerScene()
    let a = try scene.host("a")
    try await PeerServer.onLoopback(scene.host("b"), HeldHandler(scene, ahead_s: 7_200)).serving { address in
      let web = try SPIFFEID.workload(scene.domain, namespace: "shop", serviceAccount: "web")
      let request = try CertificateRequest().der
      let error = await #expect(throws: PeerError.self) {
        _ = try await PeerCalls(trust: a).sign(web, request: request, at: address)
      }
      guard case .clock(let why)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
      #expect(
        why.hasPrefix("\(address): check this host's clock: the certificate of \(web) is valid from 20"),
        "\(why)"
      )
      #expect(why.contains("Z to 20") && why.contains("Z, and it is 20") && why.hasSuffix("Z here"), "\(why)")
    }
  }

  @Test("the clock is named whichever certificate of a chain is out of its time, and only then")
  func clockOfEach() throws {
    let scene = try PeerScene()
    var random = SystemRandomNumberGenerator()
    let now_s = PeerTrust.now_s
    let chain = try scene.authority.issue(.host(scene.domain, name: "a"), now_s: now_s, using: &random).certificate
      .chain
    let verifier = try PeerVerifier(scene.authority.bundle)
    let leaf = #expect(throws: PeerChain.Fault.self) {
      try PeerChain.verified(chain, by: verifier, now_s: now_s + 3 * 86_400)
    }
    #expect(leaf?.description.contains("certificate of spiffe://mesh.test/weft/host/a is valid") == true)
    let all = #expect(throws: PeerChain.Fault.self) {
      try PeerChain.verified(chain, by: verifier, now_s: now_s - 30 * 86_400)
    }
    #expect(all?.isClock == true)
    let root = #expect(throws: PeerChain.Fault.self) {
      try PeerChain.verified([scene.authority.bundle.roots[0]], by: verifier, now_s: now_s - 30 * 86_400)
    }
    #expect(root?.isClock == true)
    let strange = try PeerVerifier(PeerScene("other.test").authority.bundle)
    #expect(throws: PeerChain.Fault.self) { try PeerChain.verified(chain, by: strange, now_s: now_s) }
    do { _ = try PeerChain.verified(chain, by: strange, now_s: now_s) } catch { #expect(!error.isClock) }
  }

  @Test("a peer that takes connections and says nothing costs one time limit, and is named")
  func silence() async throws {
    let a = try PeerScene().host("a")
    let silent = try SilentListener()
    let calls = PeerCalls(trust: a, limit: .milliseconds(300))
    let began = ContinuousClock.now
    let error = await #expect(throws: PeerError.self) { _ = try await calls.trustAnswer(at: silent.address) }
    let web = try SPIFFEID.workload(a.now.verifier.bundle.trustDomain, namespace: "shop", serviceAccount: "web")
    await #expect(throws: PeerError.self) {
      _ = try await calls.sign(web, request: CertificateRequest().der, at: silent.address)
    }
    // Two calls of 300 ms each; without a limit each waits as long as TCP and TLS do.
    #expect(began.duration(to: .now) < .seconds(40))
    guard case .unreachable(let why)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(why.hasPrefix("\(silent.address): "), "\(why)")
  }
}
