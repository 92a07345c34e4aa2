import MeshModel
import Testing
import WeftTestKit

@Suite("Connections of other protocols are counted by service")
struct ServiceConnectionMetricsTests {
  @Test("at both ends, each once, with what secures them, and by the error that ended them")
  func meshed() throws {
    let mesh = try MeshScene()
    let listener = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    let port = listener.address.port
    try mesh.register("mail", port: port)
    let address = SocketAddress(try #require(IPAddress(try mesh.scene.address(of: "mail"))), port: port)
    let (from, to) = (mesh.scene.pods.clientEnd.v4, SocketAddress(mesh.scene.pods.serverEnd.v4, port: port))
    // A service that is only registered is one of port 80 as well, and of both first.
    try eventually("the server's proxy knows whose endpoint it is") {
      let question = "/v1/explain-request?direction=inbound&from=\(from)&to=\(to)&method=GET&url=http%3A%2F%2Fmail%2F"
      return try mesh.scene.server.admin(question).contains("mail:80")
    }
    let client = try PodStream.connect(from: mesh.scene.pods.client, to: address)
    let server = try listener.accept()
    try server.send("220 hello\r\n")
    #expect(try client.receive(exactly: 11) == "220 hello\r\n")
    try client.send("EHLO me\r\n")
    #expect(try server.receive(exactly: 9) == "EHLO me\r\n")

    func service(_ port: UInt16) -> String {
      "dst_service=\"mail\",dst_namespace=\"default\",dst_port=\"\(port)\""
    }
    let plain = "tls=\"no_identity\",no_tls_reason=\"loopback\""
    let ends = [
      ("outbound", "src", "\(plain),\(service(port))"), ("outbound", "dst", "tls=\"true\",\(service(port))"),
      ("inbound", "src", "tls=\"true\",\(service(80))"), ("inbound", "dst", "\(plain),\(service(80))"),
    ]
    func series(_ end: (String, String, String)) -> String { "direction=\"\(end.0)\",peer=\"\(end.1)\",\(end.2)" }
    func page(_ end: (String, String, String)) throws -> String {
      try (end.0 == "outbound" ? mesh.scene.client : mesh.scene.server).get("/metrics", port: 15020).orThrow().output
    }
    for end in ends {
      // Bytes are counted where they are read, and written for the other end at once.
      let (read, written) = (end.1 == "src") ? (9, 11) : (11, 9)
      try eventually("\(end) is open, with its bytes") {
        let page = try page(end)
        return [
          "tcp_open_total{\(series(end))} 1", "tcp_open_connections{\(series(end))} 1",
          "tcp_read_bytes_total{\(series(end))} \(read)", "tcp_write_bytes_total{\(series(end))} \(written)",
        ].allSatisfy { page.contains("\n\($0)\n") }
      }
    }
    server.reset()
    #expect(endsInReset(client))
    for end in ends {
      // Who was reset by the proxy has done nothing wrong.
      let errno = end.1 == "dst" ? "ECONNRESET" : ""
      try eventually("\(end) is closed, by \(errno)") {
        let page = try page(end)
        return [
          "tcp_open_connections{\(series(end))} 0", "tcp_close_total{\(series(end)),errno=\"\(errno)\"} 1",
          "tcp_connection_duration_ms_count{\(series(end))} 1",
        ].allSatisfy { page.contains("\n\($0)\n") }
      }
    }
  }
}
