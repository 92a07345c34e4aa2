import Testing
import WeftTestKit

@Suite("Two programs with identities")
struct WorkloadTLSTests {
  @Test("speak mutual TLS, and each knows by its certificate who the other is, also after a rotation of the root")
  func mutual() throws {
    let scene = try WorkloadScene()
    let web = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let other = try scene.register("other", "unix:uid:\(WorkloadScene.other)")
    let server = try scene.program(as: WorkloadScene.web, "serve", "8443").start()
    try server.output.await("ready")
    for (number, rotation) in ["", "--root"].enumerated() {
      if !rotation.isEmpty { try scene.agent.weft("identity", "rotate", rotation).orThrow() }
      let client = try scene.program(as: WorkloadScene.other, "dial", "8443").run().said(HandshakeReport.self)
      #expect(client == HandshakeReport(peer: [web], read: "well met"))
      #expect(try server.line(number + 1, HandshakeReport.self) == HandshakeReport(peer: [other], read: "hello"))
    }
  }

  @Test("do not believe one of another mesh, though its names are the same")
  func foreign() throws {
    let scene = try WorkloadScene()
    let stranger = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    try stranger.register("web", "unix:uid:\(WorkloadScene.other)")
    let server = try scene.program(as: WorkloadScene.web, "serve", "8443").start()
    try server.output.await("ready")
    // On the first host's network, with the second's identity.
    let client = try stranger.program(as: WorkloadScene.other, "dial", "8443").with(\.pod, scene.pod).run()
      .said(HandshakeReport.self)
    #expect(client.error?.contains("certificate verify failed") == true, "\(client)")
    #expect(try server.line(1, HandshakeReport.self).error != nil)
    // OpenSSL's own client without a certificate is no peer either.
    let bare = try scene.pod.shell("openssl s_client -connect 127.0.0.1:8443 </dev/null; true")
    #expect("\(bare)".contains("Acceptable client certificate CA names") || "\(bare)".contains("alert"), "\(bare)")
    #expect(try server.line(2, HandshakeReport.self).error != nil)
  }
}
