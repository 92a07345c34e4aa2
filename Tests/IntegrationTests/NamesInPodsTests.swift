import Foundation
import MeshModel
import Testing
import WeftTestKit

/// What programs of a captured pod ask for names: the rules, the proxy that holds the sockets and the agent that answers.
@Suite("Names in pods")
struct NamesInPodsTests {
  @Test(
    "16: with the resolv.conf they always had, programs find the mesh's names, by both transports and families",
    arguments: PacketFilter.allCases
  )
  func meshNames(filter: PacketFilter) throws {
    let scene = try NamesScene(filter: filter)
    try scene.awaitNames()
    let address = try scene.dig("web.default.mesh", "A")
    #expect(NamesScene.isVirtual(address), "\(address)")
    for server in NamesScene.servers {
      #expect(try scene.dig("web.default.mesh", "A", at: server) == address, "UDP to \(server)")
      #expect(try scene.dig("web.default.mesh", "A", at: server, "+tcp") == address, "TCP to \(server)")
    }
    #expect(try scene.heard("getent", "ahostsv4", "web.default.mesh").hasPrefix(address))
    #expect(try scene.heard("getent", "hosts", "web.default.mesh").hasSuffix("web.default.mesh"))
    #expect(try scene.heard("curl", "-sS", "--max-time", "5", "http://web.default.mesh/") == "hello")
    #expect(scene.resolver.output.text == "ready\n", "none of it was asked of the host's resolver")
  }

  @Test("16: other names go on to the host's resolvers, once, and the proxy's own questions go their own way")
  func otherNames() throws {
    let scene = try NamesScene()
    try scene.awaitNames()
    #expect(try scene.dig("weft.test", "TXT") == "\"world\"")
    #expect(try scene.dig("tcp.weft.test", "TXT", "+tcp") == "\"world\"")
    #expect(scene.resolver.output.text == "ready\nudp\ntcp\n")
    // Nobody is at the pod's resolvers: what is not redirected has no answer.
    let own = try Command("dig", ["@192.0.2.53", "+short", "+time=1", "+tries=1", "web.default.mesh"])
      .with(\.pod, scene.pod).with(\.uid, ProxyUnderTest.uid).run()
    #expect(!own.succeeded)
  }

  @Test("an agent that is started anew is not missed: the next one answers what waits")
  func agentRestarts() throws {
    let scene = try NamesScene()
    try scene.awaitNames()
    let url = "http://web.default.mesh/"
    let before = scene.proxy.records.count
    // The proxy's patience is a second of its own time: here it stands still while the agent starts, however long that takes.
    scene.proxy.program.signal(SIGSTOP)
    try scene.agent.crash()
    let waiting = try ["+notcp", "+tcp"].map {
      try scene.program(["dig", "+short", "+time=20", "+tries=1", "web.default.mesh", "A", $0]).start()
    }
    try scene.agent.restart()
    scene.proxy.program.signal(SIGCONT)
    try scene.awaitNames(after: before)
    for program in waiting {
      let outcome = try program.outcome(within: .seconds(25))
      #expect(NamesScene.isVirtual(outcome.output.trimmingCharacters(in: .newlines)), "\(outcome)")
    }
    #expect(try scene.proxy.admin("/v1/status").contains("\"names\":\"answered\""))
    // The proxy's stream to the agent comes back in its own time.
    let deadline = Deadline(.seconds(15))
    while try scene.heard("curl", "-sS", "--max-time", "5", url) != "hello", !deadline.isOver {}
    #expect(!deadline.isOver, "connections by name work again")
  }

  @Test("while no agent runs programs are told so at once, and an agent that comes gets every question")
  func agentDown() throws {
    let scene = try NamesScene()
    try scene.awaitNames()
    let before = scene.proxy.records.count
    try scene.agent.crash()
    try scene.proxy.record("names are lost", after: before) { $0.message.hasPrefix("no agent answers") }
    #expect(try scene.proxy.admin("/v1/status").contains("\"names\":\"waiting\""))
    // The first may wait for an agent for as long as the proxy does.
    for server in NamesScene.servers {
      #expect(try scene.dig("web.default.mesh", "A", at: server, "+noshort", "+comments").contains("SERVFAIL"))
    }
    let started = ContinuousClock.now
    for _ in 0..<20 {
      let heard = try ["+notcp", "+tcp"].map {
        try scene.dig("web.default.mesh", "A", "+noshort", "+comments", "+time=30", $0)
      }
      #expect(heard[0].contains("status: SERVFAIL"))
      #expect(heard[1].contains("no servers could be reached"))
    }
    #expect(ContinuousClock.now - started < .seconds(30), "none of them waited")
    #expect(try scene.refused() >= 43)
    try scene.agent.restart()
    try scene.awaitNames(after: before)
    let refused = try scene.refused()
    for _ in 0..<50 { #expect(NamesScene.isVirtual(try scene.dig("web.default.mesh", "A"))) }
    #expect(try scene.refused() == refused)
  }

  @Test(
    "while no proxy runs, programs are refused at once, by both transports and families",
    arguments: PacketFilter.allCases
  )
  func nobody(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod, filter, "--capture-dns")
    let ask = """
      import socket, sys, time
      for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
          for server in sys.argv[1:]:
              s = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, kind)
              s.settimeout(5)
              try: s.connect((server, 53)); s.send(bytes(12)); s.recv(512); print("answered")
              except OSError as error: print(type(error).__name__)
      """
    let servers = scene.addresses(scene.worldEnd, 53).map { "\($0.ip)" } + ["127.0.0.53", "::1"]
    let heard = try Command("/usr/bin/python3", ["-c", ask] + servers).with(\.pod, scene.pod).run().orThrow().output
    #expect(heard == String(repeating: "ConnectionRefusedError\n", count: 2 * servers.count))
  }

  @Test("`weft check` and `weft-capture verify` tell whether names are answered")
  func told() throws {
    let scene = try NamesScene()
    try scene.awaitNames()
    func check() throws -> Outcome {
      try Command(
        try Binaries.path("weft"),
        ["check", "--run-directory", scene.proxy.runDirectory.path, "--proxy", scene.proxy.name]
      ).run()
    }
    let well = try check()
    #expect(well.output.contains("the agent answers what weft-capture --capture-dns sends"), "\(well)")
    let verified = try Capture.run("verify", scene.pod)
    #expect(verified.succeeded, "\(verified)")
    #expect(verified.output.contains("IPv4: DNS probe reached the proxy\n"))
    let before = scene.proxy.records.count
    try scene.agent.crash()
    try scene.proxy.record("names are lost", after: before) { $0.message.hasPrefix("no agent answers") }
    let ill = try check()
    #expect(ill.code == 1)
    #expect(ill.output.contains("! no agent answers what programs ask for names"))
    let unanswered = try Capture.run("verify", scene.pod)
    #expect(unanswered.code == 1)
    #expect(unanswered.output.contains("IPv6: DNS probe was LOST (the proxy holds the port, and no agent answers"))
  }

  @Test("a proxy that is replaced hands its sockets on, and one that ends frees the port")
  func proxies() throws {
    let scene = try NamesScene()
    try scene.awaitNames()
    var options = NamesScene.options(scene.agent)
    options.arguments.append("--replace")
    options.name = scene.proxy.name
    options.runDirectory = scene.proxy.runDirectory
    let next = try ProxyUnderTest(in: scene.pod, options)
    try scene.awaitNames(next)
    _ = try scene.proxy.program.waitForExit()
    for _ in 0..<8 { #expect(NamesScene.isVirtual(try scene.dig("web.default.mesh", "A"))) }
    next.program.kill()
    _ = try next.program.waitForExit()
    // Once the agent has let go too.
    let deadline = Deadline(.seconds(10))
    while try scene.pod.shell("ss -lnutH 'sport = 15053'").output != "", !deadline.isOver {}
    let third = try ProxyUnderTest(in: scene.pod, NamesScene.options(scene.agent))
    try scene.awaitNames(third)
    #expect(NamesScene.isVirtual(try scene.dig("web.default.mesh", "A")))
  }

  @Test("in the agent's own network namespace the agent has the port, and the proxy says so once and goes on")
  func sameNamespace() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod, ["--dns", "[::1]:15053"])
    let proxy = try ProxyUnderTest(in: pod, NamesScene.options(agent))
    try proxy.record("the port is another's") { $0.message.hasPrefix("what programs ask for names is left to") }
    #expect(try proxy.admin("/v1/status").contains("\"names\":\"elsewhere\""))
    #expect(proxy.records.count { $0.message.contains("for names") } == 1)
  }

  @Test("an agent that has one address leaves the other to the proxy, which says so once")
  func oneAddress() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod)
    let proxy = try ProxyUnderTest(in: pod, NamesScene.options(agent))
    try proxy.record("names are answered") { $0.message.hasSuffix("answers what programs ask for names") }
    let notice = "what programs ask for names at 127.0.0.1:15053 is left to"
    #expect(proxy.records.count { $0.message.hasPrefix(notice) } == 1)
    for server in ["127.0.0.1", "::1"] {
      let heard = try Command("dig", ["@\(server)", "-p", "15053", "+short", "+time=5", "+tries=1", "mesh", "NS"])
        .with(\.pod, pod).run().output
      #expect(heard == "ns.mesh.\n", "\(server)")
    }
  }

  @Test("an agent that finds its port a proxy's gets it from that proxy, also where --dns names it")
  func proxyFirst() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod)
    try agent.crash()
    let proxy = try ProxyUnderTest(in: pod, NamesScene.options(agent))
    try proxy.record("names are lost") { $0.message.hasPrefix("no agent answers") }
    try agent.restart()
    try proxy.record("names are answered") { $0.message.hasSuffix("answers what programs ask for names") }
    let heard = try Command("dig", ["@127.0.0.1", "-p", "15053", "+short", "+time=5", "+tries=1", "mesh", "NS"])
      .with(\.pod, pod).run().output
    #expect(heard == "ns.mesh.\n")
  }

  @Test(
    "a proxy that leaves the port alone, or has it for something else, is missed by `weft check` where DNS is captured"
  )
  func withoutNames() throws {
    let (host, pod) = (try Pod(), try Pod())
    let agent = try AgentUnderTest(in: host)
    for arguments in [["--no-names"], ["--inbound-ports", "15050-15059"]] {
      var options = NamesScene.options(agent)
      options.arguments += arguments
      let proxy = try ProxyUnderTest(in: pod, options)
      func check() throws -> Outcome {
        try Command(
          try Binaries.path("weft"),
          ["check", "--run-directory", proxy.runDirectory.path, "--proxy", proxy.name]
        ).run()
      }
      #expect(try pod.shell("ss -lnuH 'sport = 15053'").output == "")
      #expect(try !proxy.admin("/v1/status").contains("\"names\""))
      #expect(try !check().output.contains("15053, and nobody answers"))
      try Capture.apply(pod, .nft, "--capture-dns")
      let told = try check()
      #expect(told.code == 1)
      #expect(
        told.output.contains("! weft-capture --capture-dns sends what programs ask for names to port 15053, and nobody")
      )
      try Capture.run("remove", pod).orThrow()
    }
  }

  @Test("--names needs an agent, and a port that nothing else of the proxy's has")
  func usage() throws {
    let pod = try Pod()
    for arguments in [["--names"], ["--names", "--agent", "/nowhere", "--inbound-ports", "15050-15059"]] {
      var options = ProxyUnderTest.Options()
      options.arguments = arguments
      #expect(try ProxyUnderTest.failure(in: pod, options).code == 2)
    }
  }
}
