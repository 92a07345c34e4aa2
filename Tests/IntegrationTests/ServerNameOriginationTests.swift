import Foundation
import MeshModel
import Testing
import WeftTestKit

/// `weft explain --sni` of clients that speak TLS themselves, and whose endpoints a DestinationRule has the proxy speak TLS to: the
/// one is within the other.
@Suite("What is explained of a TLS client whose endpoint is spoken to in TLS is what is done with it")
struct ServerNameOriginationTests {
  private let pods: TwoPods
  private let authority: OutsideAuthority
  private let certificate: (chain: String, key: String)
  private let inner: OutsideServer
  private var ip: IPAddress { pods.serverEnd.v4 }

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
    certificate = try authority.issue("server", "DNS:*.out.test")
    inner = try OutsideServer(
      in: pods.server,
      on: SocketAddress(pods.serverEnd.v4, port: 9_443),
      certificate,
      answer: "within"
    )
  }

  /// A server in whose TLS there is that of the inner one.
  private func front(_ port: UInt16, clients: String? = nil) throws -> RunningProgram {
    let program = try pods.server.command(ProgramsScene.python, ProgramsScene.program("tls_front.py"))
      .adding(["\(ip):\(port)", "\(ip):9443", certificate.chain, certificate.key] + (clients.map { [$0] } ?? []))
      .start()
    try program.output.await("listening")
    return program
  }

  private func service(_ name: String, _ port: UInt16, tls: String) -> String {
    let ports = "{number: 443, name: tls, protocol: TLS, targetPort: \(port)}"
    return Documents.outside(name, "\(name).out.test", ports: ports, endpoints: "{address: \(ip)}")
      + Documents.destination("\(name).out.test", tls: tls).replacing("name: \(name).out.test}", with: "name: \(name)}")
  }

  private func explained(_ name: String, _ scene: RequestScene) throws -> (ServerNameExplanation, code: Int32) {
    let run = try runWeft([
      "explain", "--sni", name, "--to", "\(ip):443", "-o", "json", "--run-directory", scene.proxy.runDirectory.path,
    ])
    return (try JSONDecoder().decode(ServerNameExplanation.self, from: Data(run.output.utf8)), run.code)
  }

  @Test("by SIMPLE and MUTUAL: where it goes, in whose TLS, and that the name is asked for outside as well")
  func agrees() throws {
    let own = try authority.issue("workload", "DNS:workload.test")
    let (simple, mutual) = (try front(9_444), try front(9_445, clients: authority.root))
    let mutualRule =
      "{mode: MUTUAL, caCertificates: \(authority.root), clientCertificate: \(own.chain), privateKey: \(own.key)}"
    let scene = try RequestScene.outbound(
      in: pods,
      service("simple", 9_444, tls: "{mode: SIMPLE, caCertificates: \(authority.root)}")
        + service("mutual", 9_445, tls: mutualRule)
    )
    for (name, port, word, seen) in [
      ("simple", 9_444, "SIMPLE", "asked simple.out.test by None"),
      ("mutual", 9_445, "MUTUAL", "asked mutual.out.test by workload"),
    ] as [(String, UInt16, String, String)] {
      let (expected, code) = try explained("\(name).out.test", scene)
      #expect(code == 0 && expected.outcome == .direct && expected.refusal == nil, "\(expected)")
      let backend = try #require(expected.backends.first)
      let clause = try #require(backend.filters.first { $0.contains(word) }, "\(backend)")
      #expect(clause.hasSuffix(", around the TLS that the client speaks itself"), "\(clause)")

      let before = scene.proxy.records.count
      let answer = try Command(
        "curl",
        [
          "-s", "--max-time", "20", "--cacert", authority.root, "--resolve", "\(name).out.test:443:\(ip)",
          "https://\(name).out.test/",
        ]
      ).with(\.pod, pods.client).run()
      #expect(answer.output == "within", "\(answer)")
      let record = try scene.proxy.record("of \(name)", after: before) { $0["EVENT"] == "connection-closed" }
      #expect(record["SERVICE"] == backend.service && record["ENDPOINT"] == "\(ip):\(port)", "\(record)")
      #expect(backend.endpoints.map(\.address) == [SocketAddress(ip, port: port)], "\(backend)")
      try (name == "simple" ? simple : mutual).output.await(seen)
    }
  }

  @Test("that cannot be there, as its endpoint's certificate is of somebody else, it says nothing of; the record does")
  func refusedThere() throws {
    let other = try OutsideAuthority("other")
    let program = try front(9_444)
    let scene = try RequestScene.outbound(
      in: pods,
      service("simple", 9_444, tls: "{mode: SIMPLE, caCertificates: \(other.root)}")
    )
    let (expected, _) = try explained("simple.out.test", scene)
    #expect(expected.outcome == .direct && expected.refusal == nil, "nothing is dialled to find out")
    let answer = try Command(
      "curl",
      ["-sk", "--max-time", "20", "--resolve", "simple.out.test:443:\(ip)", "https://simple.out.test/"]
    ).with(\.pod, pods.client).run()
    #expect(!answer.succeeded && answer.output.isEmpty, "\(answer)")
    let record = try scene.proxy.record("of it") { $0["EVENT"] == "connection-failed" }
    #expect(record["SERVICE"] == "default/simple:443", "\(record)")
    #expect(!program.output.text.contains("asked"), "\(program.output.text)")
  }
}
