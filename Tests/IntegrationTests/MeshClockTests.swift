import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Proxies by clocks that the test sets.
@Suite("Proxies whose agent is gone or whose clocks differ")
struct MeshClockTests {
  /// Those of the two proxies, and of the agent where it is started with one.
  private func newClocks() throws -> SkewedClocks { try SkewedClocks("client", "server", "agent") }

  /// A request by curl in the place of the client's proxy, each over a handshake of its own.
  private func shake(_ mesh: MeshScene, _ files: TemporaryDirectory, port: UInt16) throws -> Outcome {
    try Command(
      "curl",
      [
        "-sSk", "--http2", "--max-time", "20", "--cert", files.file("svid.pem"), "--key", files.file("svid_key.pem"),
        "-H", "Host: web:\(port)", "https://\(mesh.transport)/",
      ]
    ).with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run()
  }

  @Test(
    "say early that certificates are not renewed, serve to their end and what stands beyond it, and go on with a new one"
  )
  func wholeLife() throws {
    let clocks = try newClocks()
    let mesh = try MeshScene(adapt: clocks.adapt)
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    let files = try mesh.files(of: mesh.scene.pods.client)
    #expect(try mesh.scene.get(url) == "hello 200")
    try mesh.scene.agent.crash()
    func move(to hours: Int) throws {
      for name in ["client", "server"] { try clocks.set(name, hours: hours) }
      // A proxy looks at the clock whenever its control thread has something to do.
      for proxy in [mesh.scene.client, mesh.scene.server] { _ = try proxy.admin("/v1/status") }
    }
    try move(to: 20)
    for (proxy, name) in [(mesh.scene.client, MeshScene.shop), (mesh.scene.server, MeshScene.web)] {
      let record = try proxy.record("that it is late") { $0["EVENT"] == "identity-expiring" }
      #expect(record.message.hasPrefix("the certificate of \(name) was not renewed"), "\(record.message)")
      #expect(try proxy.admin("/v1/status").contains("its certificate expires in "))
    }
    try move(to: 23)
    #expect(try mesh.scene.get(url) == "hello 200")
    #expect(try shake(mesh, files, port: web.address.port).output == "hello", "a handshake in the last hour")
    try move(to: 25)
    for proxy in [mesh.scene.client, mesh.scene.server] {
      try proxy.record("that it is over") {
        $0["EVENT"] == "identity-expiring" && $0.message.contains("has expired, no peer believes it")
      }
    }
    #expect(try mesh.scene.get(url) == "hello 200", "what stands goes on")
    #expect(mesh.scene.client.records.filter { $0["EVENT"] == "peer-connected" }.count == 1)
    let late = try shake(mesh, files, port: web.address.port)
    #expect(late.code != 0, "\(late)")
    let refused = try mesh.scene.server.record("of the late one") { $0["EVENT"] == "peer-refused" }
    #expect(refused.message.contains("the leaf certificate has expired; check both clocks"), "\(refused.message)")

    let before = mesh.scene.server.records.count
    try move(to: 0)
    try mesh.scene.agent.restart()
    try mesh.scene.server.record("of a new one", after: before) { $0["EVENT"] == "identity-given" }
    let fresh = try mesh.files(of: mesh.scene.pods.client)
    #expect(try shake(mesh, fresh, port: web.address.port).output == "hello")
  }

  @Test("end the connections of a peer whose root is not believed any more, and make others by the new root")
  func rootGone() throws {
    let clocks = try newClocks()
    let mesh = try MeshScene(adapt: clocks.adapt, wrapper: clocks.wrapper("agent"))
    let mail = try GreetingServer(of: mesh)
    /// All clocks are set, and the agent, which looks once a minute, looks at once.
    func move(to hours: Int, roots: Int) throws {
      try mesh.scene.agent.crash()
      for name in ["client", "server", "agent"] { try clocks.set(name, hours: hours) }
      try mesh.scene.agent.restart()
      for proxy in [mesh.scene.client, mesh.scene.server] {
        _ = try eventually("\(roots) roots after \(hours) hours") {
          let status = try JSONDecoder().decode(ProxyStatus.self, from: Data(try proxy.admin("/v1/status").utf8))
          return status.identity?.roots.count == roots ? true : nil
        }
      }
    }
    let first = try mail.greeted()
    try mesh.scene.agent.weft("identity", "rotate", "--root").orThrow()
    // docs/identity.md: it signs after 49 h, and the old one leaves 49 h after that.
    try move(to: 50, roots: 2)
    #expect(try first.hears("NOOP\r\n"), "the old root is believed still")
    #expect(mesh.handshakes == 1)
    try move(to: 100, roots: 1)
    // What is under way has half a minute; nothing new goes over it from now on.
    #expect(try first.hears("NOOP\r\n"))
    let second = try mail.greeted()
    try eventually("the server's proxy tells of another handshake") { mesh.handshakes == 2 }
    #expect(endsInReset(first.client))
    for proxy in [mesh.scene.client, mesh.scene.server] {
      try proxy.record("of the end", within: .seconds(40)) { $0["EVENT"] == "peer-ended" }
    }
    let told = [mesh.scene.client, mesh.scene.server].flatMap(\.records).filter { $0["EVENT"] == "peer-ended" }
    #expect(told.contains { $0.message.contains("no root that is believed now has signed its certificate") }, "\(told)")
    #expect(try second.hears("QUIT\r\n"))
  }

  @Test("take a session up again within an hour by their own clock, and not after two")
  func tickets() throws {
    let clocks = try newClocks()
    let mesh = try MeshScene(adapt: clocks.adapt)
    let files = try mesh.files(of: mesh.scene.pods.client)
    let ticket = files.file("ticket")
    /// Shakes hands as the client's proxy would; the ticket comes behind it.
    func shake(_ arguments: String...) throws -> RunningProgram {
      let own = try MeshScene.shown(files)
      return try Command("openssl", ["s_client", "-connect", "\(mesh.transport)", "-alpn", "h2"] + own + arguments)
        .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).with(\.keepsInputOpen, true).start()
    }
    let first = try shake("-sess_out", ticket)
    try first.output.await("New, TLSv1.3")
    try eventually("a ticket comes") { (FileManager.default.contents(atPath: ticket)?.count ?? 0) > 0 }
    let again = try shake("-sess_in", ticket)
    try again.output.await("Reused, TLSv1.3")
    try clocks.set("server", hours: 2)
    let late = try shake("-sess_in", ticket)
    try late.output.await("New, TLSv1.3")
    withExtendedLifetime((first, again, late)) {}
  }

  @Test("refuse a certificate that is not valid yet by their clock, and both say which side has refused what")
  func behind() throws {
    let clocks = try newClocks()
    let mesh = try MeshScene(adapt: clocks.adapt)
    let web = try mesh.web { _ in .ok("hello") }
    // The server's proxy is two hours behind: to it nobody's certificate has begun.
    try clocks.set("server", hours: -2)
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url, "-o", "/dev/null") != "hello 200")
    let ours = try mesh.scene.server.record("of the refusal") { $0["EVENT"] == "peer-refused" }
    #expect(ours.message.contains("were refused here: the leaf certificate is not valid yet"), "\(ours.message)")
    let theirs = try mesh.scene.client.record("of the refusal") { $0["EVENT"] == "peer-refused" }
    #expect(theirs.message.contains("the peer refused"), "\(theirs.message)")
    try clocks.set("server", hours: 0)
    #expect(try mesh.scene.answer(url, becomes: "hello 200") == "hello 200")
    withExtendedLifetime(web) {}
  }
}

extension SkewedClocks {
  /// Lets a proxy go by the clock of its side.
  fileprivate func adapt(_ options: inout ProxyUnderTest.Options) {
    let name = options.arguments.contains("app=client") ? "client" : "server"
    options.environment.merge(environment(name)) { $1 }
  }
}
