import Foundation
import MeshModel
import Testing
import WeftTestKit

/// An agent that is sent what it should not be, with a client's proxy and a service beside it.
@Suite("An agent serves on")
struct AgentJunkTests {
  private let scene: AgentScene
  private let url: String

  init() throws {
    scene = try AgentScene()
    try scene.web()
    url = "http://\(try scene.address(of: "web"))/"
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
  }

  /// What was registered and applied goes on to be told to the client's proxy.
  private func pushesGoOn() throws {
    let deny = Documents.authorization("no-get", "DENY", rules: "[{to: [{operation: {methods: [GET]}}]}]")
    try scene.agent.weft("apply", "-f", "-", input: deny).orThrow()
    #expect(try scene.answer(url, becomes: " 403", "-o", "/dev/null") == " 403")
    try scene.agent.weft("delete", "authz", "no-get").orThrow()
    #expect(try scene.answer(url, becomes: "hello 200") == "hello 200")
  }

  @Test(
    "where a proxy refuses all that it is pushed: each resource comes once by itself, and again when it changes; it is counted and told"
  )
  func refusals() throws {
    let services = (0..<16).map { "default/s\($0)" }
    let file = services.indices.map { "---\n{name: s\($0), port: \(2_000 + $0)}\n" }.joined()
    try scene.agent.weft("register", "-f", "-", input: file).orThrow()
    let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/refusing_proxy.py"
    let proxy = try Command(WorkloadScene.python, [script, scene.agent.socket] + services)
      .with(\.uid, WorkloadScene.other).with(\.keepsInputOpen, true).start()
    func responses() -> Int { proxy.output.text.split(separator: "\n").count }
    // Sixteen at once, then halves of it down to each by itself.
    try eventually("each has been refused by itself") {
      proxy.output.text.split(separator: "\n").filter { $0.contains("\"resources\": 1}") }.count == services.count
    }
    try pushesGoOn()
    #expect(responses() == 2 * services.count - 1, "\(proxy.output.text)")
    let shown = try AgentStatus(scene.agent)
    let refusing = try #require(shown.proxies.first { $0.name == "refusing" })
    #expect(refusing.nacks == responses() && refusing.lastNack.contains("nothing pleases me"), "\(refusing)")
    #expect(shown.counters["pushes_refused"] == responses())
    try scene.agent.program.error.await("a proxy refused what it was pushed: nothing pleases me")
    #expect(try scene.agent.weft("check").output.contains("\(responses()) refused, the last since nothing pleases me"))

    try scene.agent.weft("register", "--name", "s3", "--port", "3000").orThrow()
    try eventually("what changed is sent once more") { responses() == 2 * services.count }
    try pushesGoOn()
    #expect(responses() == 2 * services.count)
  }

  @Test("where junk comes by DNS, over UDP and TCP, and on its socket")
  func junk() throws {
    let source = """
      import os, random, socket, struct, sys
      random.seed(4)
      udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for size in list(range(0, 64)) * 8 + [512, 1500, 9000]:
          # Half of it has the header of a question, so that what follows is looked at.
          head = struct.pack(">HHHHHH", size, 0x100, 1, 0, 0, 0) if size % 2 else b""
          udp.sendto(head + random.randbytes(size), ("127.0.0.1", 15053))
      for size in [1, 2, 3, 14, 600, 70000]:
          for path in (None, sys.argv[1]):
              stream = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
              stream.connect(path or ("127.0.0.1", 15053))
              try:
                  stream.sendall(random.randbytes(size))
                  stream.shutdown(socket.SHUT_WR)
                  stream.settimeout(20)
                  while stream.recv(65536):
                      pass
              except (ConnectionError, TimeoutError, BrokenPipeError):
                  pass
              stream.close()
      print("sent")
      """
    let program = try Command("/usr/bin/python3", ["-c", source, scene.agent.socket]).with(\.pod, scene.pods.server)
      .with(\.uid, WorkloadScene.other).run(within: .seconds(90)).orThrow()
    #expect(program.output == "sent\n")
    let address = try scene.address(of: "web")
    #expect(url == "http://\(address)/", "names are answered as before")
    let overTCP = try Command("dig", ["+short", "+tcp", "@127.0.0.1", "-p", "15053", "web.default.mesh", "A"])
      .with(\.pod, scene.pods.server).run().orThrow()
    #expect(overTCP.output.split(separator: "\n").first.map(String.init) == address)
    try pushesGoOn()
    #expect(scene.agent.program.exitCode == nil)
  }
}
