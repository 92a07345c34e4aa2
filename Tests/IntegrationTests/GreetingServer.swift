import MeshModel
import Testing
import WeftTestKit

/// A server in the server's pod that speaks before its client does, as those of SMTP do. The test says its words, and only
/// when there is somebody to hear them, so that nothing waits for a client's first bytes unseen.
struct GreetingServer {
  let listener: PodListener
  /// The service's virtual address, which clients dial.
  let address: SocketAddress
  private let client: Pod

  /// Registered as `mail`; clients go to it through both proxies.
  init(of mesh: MeshScene) throws {
    listener = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    try mesh.register("mail", port: listener.address.port)
    address = SocketAddress(
      try #require(IPAddress(try mesh.scene.address(of: "mail"))),
      port: listener.address.port
    )
    client = mesh.scene.pods.client
  }

  /// A client's connection, whatever becomes of it.
  func dial() throws -> PodStream { try PodStream.connect(from: client, to: address) }

  /// A client's connection that the server has greeted.
  func greeted() throws -> GreetedConnection {
    let connection = GreetedConnection(client: try dial(), server: try listener.accept())
    try connection.greet()
    return connection
  }
}

/// Both ends of a connection, with the proxies between them.
struct GreetedConnection {
  let client: PodStream
  let server: PodStream

  /// The server's first words reach the client, which has said nothing.
  func greet(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try server.send("220 hello\r\n")
    #expect(try client.receive(exactly: 11) == "220 hello\r\n", sourceLocation: sourceLocation)
  }

  /// Whether the server hears what the client says.
  func hears(_ words: String) throws -> Bool {
    try client.send(words)
    return try server.receive(exactly: words.utf8.count) == words
  }

  /// Each side ends its half for itself; what the server says after the client's end still arrives.
  func quit(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try client.send("QUIT\r\n")
    client.finish()
    #expect(try server.receiveToEnd() == "QUIT\r\n", sourceLocation: sourceLocation)
    try server.send("221 bye\r\n")
    server.finish()
    #expect(try client.receiveToEnd() == "221 bye\r\n", sourceLocation: sourceLocation)
  }
}
