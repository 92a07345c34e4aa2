import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Programs that speak HTTP/2")
struct HTTP2ProgramTests {
  @Test(
    "gRPC of every kind goes through: one proxy, two in plain text, two with mutual TLS",
    arguments: HTTP2Way.allCases
  )
  func grpc(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let server = try scene.serve("grpc_server.py")
    let client = try scene.start("grpc_client.py", scene.target, "all")
    #expect(try client.outcome(within: .seconds(90)).orThrow().output == "all right\n")
    let record = try scene.near.record("of a failure") { $0["PATH"] == "/test.Echo/Fail" }
    #expect(record["PROTOCOL"] == "http/2" && record["METHOD"] == "POST" && record["STATUS"] == "200", "\(record)")
    #expect(scene.peers == (way == .mesh ? 1 : 0))
    withExtendedLifetime(server) {}
  }

  @Test("what a gRPC client cancels is cancelled at the server", arguments: HTTP2Way.allCases)
  func cancellation(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let server = try scene.serve("grpc_server.py")
    let client = try scene.start("grpc_client.py", scene.target, "cancel")
    try eventually("the server has begun") { server.output.text.contains("begun") }
    try client.write("now\n")
    #expect(try client.outcome().orThrow().output == "all right\n")
    try eventually("the server knows") { server.output.text.contains("cancelled") }
  }

  @Test(
    "messages keep lengths, trailers, interim answers and codes of resets; what nobody looked at is asked again",
    arguments: HTTP2Way.allCases
  )
  func messages(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let server = try scene.serve("h2_server.py")
    let client = try scene.start("h2_client.py", "\(scene.service.ip)", "\(scene.service.port)", scene.target)
    try eventually("the server has begun") { server.output.text.contains("begun") || client.exitCode != nil }
    if client.exitCode == nil { try client.write("now\n") }
    let outcome = try client.outcome(within: .seconds(60))
    #expect(outcome.output == "all right\n", "\(outcome)")
    try eventually("the server is told of the reset") { server.output.text.contains("reset 8") }
  }

  @Test(
    "who stops in its settings, in a header list or in a frame is let go of in seconds; who is slow and goes on is not"
  )
  func unfinished() throws {
    let scene = try HTTP2Scene(.oneProxy)
    let server = try scene.serve("h2_server.py")
    func dial(_ mode: String) throws -> MeshPeer {
      try MeshPeer.dial(mode, scene.service.port, to: scene.service, from: scene.client)
    }
    let (slow, frame) = (try dial("trickle"), try dial("half_data"))
    try frame.output.await("waiting")
    let started = ContinuousClock.now
    for program in try ["half_settings", "half_list"].map(dial) {
      try program.output.await("broken ConnectionResetError", within: .seconds(20))
    }
    #expect(ContinuousClock.now - started > .seconds(9))
    try frame.output.await("broken ConnectionResetError", within: .seconds(35))
    #expect(ContinuousClock.now - started > .seconds(28))
    try slow.output.await("answered", within: .seconds(30))
    let ended = scene.near.records.filter { $0["EVENT"] == "connection-closed" && $0["REASON"] == "idle-timeout" }
    #expect(ended.count == 3, "\(scene.near.records)")
    withExtendedLifetime(server) {}
  }

  @Test(
    "a server that switches protocols by 101, which HTTP/2 does not know, opens nothing",
    arguments: HTTP2Way.allCases
  )
  func switching(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let server = try MeshPeer.serve("switching", at: scene.address.port, in: scene.server)
    let client = try scene.client.run("nghttp", "-v", "-t", "20", "\(scene.url)/a")
    #expect(!client.output.contains("welcome") && !client.output.contains(":status: 101"), "\(client)")
    #expect(client.output.contains(":status: 503"), "\(client)")
    try server.output.await("switched")
    let record = try scene.near.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["STATUS"] == "503", "\(record)")
    let refused = try (scene.far ?? scene.near).record("of the switch") { $0["PATH"] == "/a" }
    #expect(refused["REASON"] == "upstream-closed" && refused["FLAGS"] == "UC", "\(refused)")
  }

  @Test("curl, nghttp and h2load get what nghttpd has, many streams on few connections", arguments: HTTP2Way.allCases)
  func nghttp(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let files = try TemporaryDirectory()
    let text = (0..<200_000).map { "\($0)\n" }.joined()
    try files.write("numbers", text)
    try files.write("small", "hello")
    let server = try scene.server.start(
      "nghttpd",
      "--no-tls",
      "-a",
      "\(scene.address.ip)",
      "-d",
      files.path,
      "\(scene.address.port)"
    )
    try server.waitForListener(scene.address.port)
    func curl(_ arguments: String...) throws -> String {
      try scene.client.command("curl", "-sS", "--max-time", "20", "--http2-prior-knowledge")
        .adding(arguments).run().orThrow().output
    }
    #expect(try curl("-w", " %{http_version} %{http_code}", "\(scene.url)/small") == "hello 2 200")
    #expect(try curl("\(scene.url)/numbers") == text)
    #expect(try curl("-I", "\(scene.url)/small").contains("content-length: 5"))
    #expect(try curl("-o", "/dev/null", "-w", "%{http_code}", "\(scene.url)/none") == "404")
    #expect(
      try curl("--data-binary", "@\(files.path)/numbers", "-w", " %{http_code}", "\(scene.url)/small") == "hello 200"
    )
    let told = try scene.client.run("nghttp", "-nvm", "3", "\(scene.url)/small").orThrow().output
    #expect(told.components(separatedBy: ":status: 200").count == 4, "\(told)")
    let load = try scene.client.run("h2load", "-n", "3000", "-c", "3", "-m", "40", "\(scene.url)/small").orThrow()
      .output
    #expect(load.contains("3000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
    let bulk = try scene.client.run(
      "h2load",
      "-n",
      "60",
      "-c",
      "2",
      "-m",
      "10",
      "-d",
      "\(files.path)/numbers",
      "\(scene.url)/numbers"
    ).orThrow().output
    #expect(bulk.contains("60 succeeded, 0 failed, 0 errored, 0 timeout"), "\(bulk)")
    let record = try scene.near.record("of a connection") {
      $0["EVENT"] == "connection-closed" && $0["PROTOCOL"] == "http/2" && $0["REQUESTS"] == "1000"
    }
    #expect(record["REASON"] == "finished", "\(record)")
    // Each connection was dialled before it was known to be of HTTP/2, and most of those were used for nothing.
    server.kill()
    // The other proxy keeps its end of what the first has dialled.
    guard way != .twoProxies else { return }
    let open = way == .mesh ? "1" : "0"
    try eventually("connections to servers are counted as many as there are") {
      try scene.client.run("curl", "-sS", "http://127.0.0.1:15020/metrics").orThrow().output
        .contains("\ntcp_open_connections{direction=\"outbound\",peer=\"dst\"} \(open)\n")
    }
  }
}
