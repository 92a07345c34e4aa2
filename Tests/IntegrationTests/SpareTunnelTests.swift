import MeshModel
import Testing
import WeftTestKit

@Suite("On a port of the mesh of which nothing is declared")
struct SpareTunnelTests {
  @Test("a request does not wait for the connection that was asked for before the client spoke")
  func request() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web")):\(web.address.port)/"
    #expect(try mesh.scene.get(url) == "hello 200", "from now on the server's proxy has a connection for requests")
    // The program takes no other: what waits for one waits until it is given up.
    try mesh.scene.pods.server.run(
      "iptables",
      "-I",
      "OUTPUT",
      "-p",
      "tcp",
      "--syn",
      "--dport",
      "\(web.address.port)",
      "-j",
      "DROP"
    ).orThrow()
    #expect(try mesh.scene.get(url, "--max-time", "4") == "hello 200")
    let record = try mesh.scene.client.record("of the connection") {
      $0["EVENT"] == "connection-closed" && $0["REQUESTS"] == "1" && $0["PROTOCOL"] == "http/1"
    }
    #expect(record["REASON"] == "finished", "\(record)")
  }

  @Test("a server that speaks first is heard at once, and a client that says half a word first loses none of it")
  func serverFirst() throws {
    let mesh = try MeshScene()
    let listener = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    try mesh.register("mail", port: listener.address.port)
    let ip = try #require(IPAddress(try mesh.scene.address(of: "mail")))
    let address = SocketAddress(ip, port: listener.address.port)
    let silent = try PodStream.connect(from: mesh.scene.pods.client, to: address)
    let greeting = try listener.accept()
    try greeting.send("220 hello\r\n")
    #expect(try silent.receive(exactly: 11) == "220 hello\r\n")
    // As a request might begin, and sent before any connection to the program stands.
    let talker = try PodStream.connect(from: mesh.scene.pods.client, to: address)
    try talker.send("GE")
    let other = try listener.accept()
    try talker.send("NERAL greeting\r\n")
    #expect(try other.receive(exactly: 18) == "GENERAL greeting\r\n")
    try other.send("ok")
    #expect(try talker.receive(exactly: 2) == "ok")
  }
}
