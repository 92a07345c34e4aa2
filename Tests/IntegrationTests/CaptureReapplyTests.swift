import MeshModel
import Testing
import WeftTestKit

/// Cases 7, 12 and 21 of capture.md: rules come, change and go under live traffic.
@Suite("Capture: under traffic")
struct CaptureReapplyTests {
  /// Dials both addresses over and over until its input ends; prints what was not captured, and how many were.
  private static let traffic = """
    import socket, sys, threading
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    count = 0
    while not over.is_set():
        for host in sys.argv[1:]:
            try:
                with socket.create_connection((host, 8080), timeout=10) as c: line = c.makefile().readline()
            except OSError as error: line = str(error)
            if not line.startswith("captured"): print("LOST", host, line, flush=True)
            count += 1
            if count == 20: print("running", flush=True)
    print("count", count)
    """

  private func start(from pod: Pod, to end: WeftTestKit.Attachment) throws -> RunningProgram {
    let program = try pod.command("/usr/bin/python3", "-c", Self.traffic, "\(end.v4)", "\(end.v6)")
      .with(\.keepsInputOpen, true).start()
    try program.output.await("running")
    return program
  }

  @Test(
    "7: applied again, the same or changed, no connection is reset and none slips past",
    arguments: PacketFilter.allCases
  )
  func reapply(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006, 15101] + Array(15100...15109).filter { $0 != 15101 })
      .start(in: scene.pod, as: 1337)
    let servers = try [scene.pod, scene.world].map { try Player.server([8080]).start(in: $0) }
    try Capture.apply(scene.pod, filter)
    let long = try scene.addresses(scene.worldEnd, 8080).map { try PodStream.connect(from: scene.pod, to: $0) }
    for stream in long { #expect(try stream.receive(exactly: 8) == "captured") }
    let programs = [
      try start(from: scene.pod, to: scene.worldEnd), try start(from: scene.world, to: scene.podEnd),
    ]
    let variants: [[String]] = [
      [], [], ["--drop-invalid"], ["--exclude-outbound-ports", "9"], ["--inbound-ports", "15100-15109"],
      ["--non-tcp", "deny"], ["--proxy-gid", "1337"], ["--include-outbound-cidrs", "0.0.0.0/0,::/0"],
      ["--virtual-interfaces", "tap+"], [],
    ]
    for (round, options) in (variants + variants).enumerated() {
      try Capture.run("apply", scene.pod, options).orThrow()
      for stream in long { try stream.send("round\(round % 10)") }
    }
    for program in programs {
      program.closeInput()
      let outcome = try program.outcome()
      #expect(outcome.output.contains("count"))
      #expect(!outcome.output.contains("LOST"), "\(outcome)")
    }
    for stream in long {
      stream.finish()
      let echoed = try stream.receiveToEnd()
      #expect(echoed.hasSuffix((0..<20).map { "round\($0 % 10)" }.joined()))
    }
    withExtendedLifetime((proxy, servers)) {}
  }

  @Test("7: applied twice, the rules are the same to the letter", arguments: PacketFilter.allCases)
  func idempotent(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let options = [
      "--drop-invalid", "--non-tcp", "deny", "--exclude-outbound-ports", "22", "--include-outbound-cidrs",
      "10.0.0.1/32,0.0.0.0/0,2001:db8::/32", "--virtual-interfaces", "tap+", "--proxy-mark", "0x1/0xff", "--proxy-gid",
      "99",
    ]
    try Capture.run("apply", scene.pod, ["--backend", filter.rawValue] + options).orThrow()
    // Somebody puts a rule of his own in front; it stays there and ours are not doubled.
    try filter.iptables(scene.pod, "-t", "nat", "-I", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "ACCEPT")
    let before = try filter.rules(of: scene.pod)
    let again = try Capture.run("apply", scene.pod, options).orThrow()
    #expect(again.output.contains("IPv4: captured (\(filter.rawValue), already in place)"))
    #expect(again.output.contains("IPv6: captured (\(filter.rawValue), already in place)"))
    #expect(try filter.rules(of: scene.pod) == before)
  }

  @Test("12: connections older than the rules live on, in both directions", arguments: PacketFilter.allCases)
  func older(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let servers = try [scene.pod, scene.world].map { try Player.server([8080]).start(in: $0) }
    let streams =
      try scene.addresses(scene.worldEnd, 8080).map { try PodStream.connect(from: scene.pod, to: $0) }
      + scene.addresses(scene.podEnd, 8080).map { try PodStream.connect(from: scene.world, to: $0) }
    for stream in streams { #expect(try stream.receive(exactly: 6) == "direct") }
    try Capture.apply(scene.pod, filter, "--drop-invalid", "--non-tcp", "deny")
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v4, port: 8080)).hasPrefix("captured"))
    for stream in streams {
      try stream.send("still here")
      stream.finish()
      #expect(try stream.receiveToEnd().hasSuffix("still here"))
    }
    withExtendedLifetime((servers, proxy)) {}
  }

  @Test(
    "21: remove takes all of ours and leaves every other rule byte for byte, and redirected connections live on",
    arguments: PacketFilter.allCases
  )
  func remove(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.world)
    for v6 in [false, true] {
      for rule in [
        ["-t", "nat", "-N", "OTHERS"], ["-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "1", "-j", "OTHERS"],
        ["-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "2", "-j", "REDIRECT", "--to-ports", "3"],
        ["-A", "INPUT", "-p", "udp", "-m", "comment", "--comment", "has WEFT_ and \"quotes\"", "-j", "ACCEPT"],
        ["-P", "FORWARD", "DROP"], ["-t", "mangle", "-A", "OUTPUT", "-j", "MARK", "--set-mark", "7"],
      ] {
        try Command("\(v6 ? "ip6tables" : "iptables")-\(filter.rawValue)", rule).with(\.pod, scene.pod).run().orThrow()
      }
    }
    let before = try filter.rules(of: scene.pod)
    try Capture.apply(scene.pod, filter, "--drop-invalid", "--non-tcp", "deny", "--virtual-interfaces", "tap0")
    let there = SocketAddress(scene.worldEnd.v4, port: 8080)
    let stream = try PodStream.connect(from: scene.pod, to: there)
    #expect(try stream.receive(exactly: 8) == "captured")
    #expect(try filter.rules(of: scene.pod) != before)
    try Capture.run("remove", scene.pod).orThrow()
    #expect(try filter.rules(of: scene.pod) == before)
    #expect(try hear(from: scene.pod, there).hasPrefix("direct"))
    try stream.send("alive")
    stream.finish()
    #expect(try stream.receiveToEnd().hasSuffix("alive"))
    #expect(try Capture.run("remove", scene.pod).orThrow().output == "nothing to remove\n")
    withExtendedLifetime((proxy, server)) {}
  }
}
