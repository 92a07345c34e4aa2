import MeshModel
import Testing
import WeftTestKit

@Suite("Calls of gRPC in TLS that a DestinationRule asks for")
struct EgressHTTP2CallTests {
  private let outside: EgressHTTP2Scene

  init() throws { outside = try EgressHTTP2Scene() }

  /// The service as Kubernetes has it, since routes are of such.
  private func proxy(_ annotations: String) throws -> RequestScene {
    try RequestScene.outbound(
      in: outside.pods,
      Documents.service(at: outside.service, portName: "grpc", endpoints: [outside.endpoint])
        + Documents.calls("[{backendRefs: [{name: web, port: 80}]}]", annotations)
        + Documents.destination("web", tls: outside.simple(", sni: \(outside.host)"))
    )
  }

  @Test(
    "are made again by what they came to, as their route asks, and as often",
    arguments: [
      (#"{weft.mesh/retry-on: unavailable, weft.mesh/retry-attempts: "2", weft.mesh/retry-backoff: 1ms}"#, 3),
      (#"{weft.mesh/retry-on: unavailable, weft.mesh/retry-attempts: "1", weft.mesh/retry-backoff: 1ms}"#, 2),
      (#"{weft.mesh/retry-on: internal, weft.mesh/retry-attempts: "2", weft.mesh/retry-backoff: 1ms}"#, 1),
    ]
  )
  func retried(annotations: String, calls: Int) throws {
    let server = try outside.serve("grpc_server.py")
    let scene = try proxy(annotations)
    let client = try outside.start("grpc_client.py", "\(outside.service)", "code", "Flaky")
    let answer = try client.outcome().orThrow().output
    let expected = calls == 3 ? "answer asked\n" : "UNAVAILABLE not before the third, this is \(calls)\n"
    #expect(answer.hasPrefix(expected), "\(answer)")
    let record = try scene.record(of: "/test.Echo/Flaky")
    #expect(record["RETRIES"] == (calls > 1 ? "\(calls - 1)" : nil), "\(record)")
    #expect(record["GRPC_STATUS"] == (calls == 3 ? "0" : "14") && record["STATUS"] == "200", "\(record)")
    #expect(server.output.text == (1...calls).map { "flaky \($0)\n" }.joined(), "\(server.output.text)")
  }

  @Test(
    "end when their time is over, be it their route's or their client's, and the server hears how long it has",
    arguments: [("400ms", [String]()), ("20s", ["-H", "grpc-timeout: 400m"])]
  )
  func deadline(route: String, fields: [String]) throws {
    // One on grpcio would end the call itself.
    let server = try outside.serve("copy_server.py")
    let scene = try proxy("{weft.mesh/request-timeout: \(route)}")
    let message = try outside.message()
    let started = ContinuousClock.now
    let call = ["-D", "-", "-X", "POST", "-H", "content-type: application/grpc", "-H", "te: trailers"]
    let answer = try outside.get(
      "http://\(outside.host)/test.Echo/Hang",
      more: call + ["--data-binary", "@\(message.file("message"))"] + fields
    ).output
    #expect(answer.contains("grpc-status: 4\r\ngrpc-message: weft: timeout\r\n"), "\(answer)")
    #expect((.milliseconds(400) ... .seconds(15)).contains(ContinuousClock.now - started))
    try server.output.await("reset 8\n")
    let words = server.output.text.split(whereSeparator: \.isWhitespace)
    let left = try #require(words.firstIndex(of: "time").map { words[$0 + 1] }, "\(words)")
    #expect(left.last == "u" && (1...400_000).contains(Int(left.dropLast()) ?? 0), "\(words)")
    let record = try scene.record(of: "/test.Echo/Hang")
    #expect(record["GRPC_STATUS"] == "4" && record["FLAGS"] == "UT", "\(record)")
  }
}
