import Foundation
import Testing
import WeftTestKit

@Suite(
  "The units, under a real systemd",
  .enabled(if: SystemdHost.obstacle == nil, "no systemd can be booted here: \(SystemdHost.obstacle ?? "")")
)
struct SystemdUnitTests {
  private let host: SystemdHost

  init() throws { host = try SystemdHost() }

  @Test("the agent is ready when its unit is, keeps what it knew over kill -9, and stops at once")
  func agentLife() throws {
    try host.systemctl("start", "weft-agent")
    #expect(try host.property("StatusText", of: "weft-agent") == "serving")
    // Its unit is up: it serves already.
    try host.run("weft", "register", "--name", "web", "--port", "8080", "--address", "198.51.100.9").orThrow()
    try host.crash("weft-agent")
    #expect(try host.run("weft", "services").orThrow().output.contains("web"))
    let socket = try host.run("stat", "-c", "%U %a", "/run/weft", "/var/lib/weft").orThrow().output
    #expect(socket == "weft 755\nweft 700\n")
    let start = ContinuousClock.now
    try host.systemctl("stop", "weft-agent")
    // Well within TimeoutStopSec, after which systemd would kill it and call it failed.
    #expect(ContinuousClock.now - start < .seconds(12))
    #expect(try host.property("Result", of: "weft-agent") == "success")
    #expect(try host.property("ExecMainStatus", of: "weft-agent") == "0")
  }

  @Test("Serf runs as the agent's child, and ends with it however it ends")
  func serf() throws {
    try host.systemctl("start", "weft-agent")
    func serfs() throws -> String {
      let agent = try host.property("MainPID", of: "weft-agent")
      return try host.run("pgrep", "-P", agent, "serf").output
    }
    // The first token is what makes a mesh of many hosts, which gossip.
    try host.run("weft", "token", "create").orThrow()
    let first = try eventually("Serf to run") { try serfs().isEmpty ? nil : serfs() }
    try host.crash("weft-agent")
    let second = try eventually("Serf to run again") { try serfs().isEmpty ? nil : serfs() }
    #expect(first != second)
    #expect(try host.run("pgrep", "-c", "serf").output == "1\n")
    try host.systemctl("stop", "weft-agent")
    #expect(try host.run("pgrep", "-c", "serf").output == "0\n")
  }

  @Test("behind its unit's walls the agent knows programs by user and by path")
  func identities() throws {
    try host.systemctl("start", "weft-agent")
    let python = try WorkloadScene.python
    let program = try host.run("readlink", "-f", python).orThrow().output.trimmingCharacters(
      in: .whitespacesAndNewlines
    )
    func given(to uid: UInt32) throws -> String {
      try host.run(
        "setpriv",
        "--reuid=\(uid)",
        "--regid=\(uid)",
        "--clear-groups",
        python,
        WorkloadScene.script,
        "/run/weft/agent.sock",
        "fetch"
      ).said(GivenIdentity.self).id
    }
    let mesh = "spiffe://weft.local/ns/default/sa"
    func register(_ account: String, _ selectors: [String]) throws {
      let words =
        ["identity", "register", "--spiffe-id", "\(mesh)/\(account)"] + selectors.flatMap { ["--selector", $0] }
      try host.command("weft", words).run().orThrow()
    }
    try register("web", ["unix:uid:\(WorkloadScene.web)"])
    #expect(try given(to: WorkloadScene.web) == "\(mesh)/web")
    // Of another user's program the path is in /proc only for who may trace it.
    try register("path", ["unix:uid:\(WorkloadScene.other)", "unix:path:\(program)"])
    #expect(try given(to: WorkloadScene.other) == "\(mesh)/path")
  }

  /// A pod, and a web server outside of it, which listens.
  private func podAndServer() throws -> RunningProgram {
    try host.run("/bin/sh", "-c", Self.makePod).orThrow()
    let web = try host.command("/usr/bin/python3", ["-m", "http.server", "8000", "--bind", "192.0.2.1"]).start()
    try eventually("the web server to listen") {
      try host.run("curl", "-sS", "-o", "/dev/null", "192.0.2.1:8000").succeeded
    }
    return web
  }

  @Test("a pod's proxy captures it, outlives its agent's restart, and comes back after kill -9")
  func proxyLife() throws {
    let unit = "weft-proxy@web"
    let web = try podAndServer()
    // It wants the agent, which is started with it.
    try host.systemctl("start", unit)
    #expect(try host.property("ActiveState", of: "weft-agent") == "active")
    func ask() throws { try inPod("curl", "-sS", "--fail", "-o", "/dev/null", "http://192.0.2.1:8000/").orThrow() }
    try ask()
    #expect(try inPod("curl", "-sS", "http://127.0.0.1:15020/metrics").output.contains(#"method="GET""#))

    let pid = try host.property("MainPID", of: unit)
    try host.crash("weft-agent")
    try host.systemctl("restart", "weft-agent")
    try eventually("the proxy to be back at its agent") { try host.run("weft", "check").output.contains("default/web") }
    #expect(try host.property("MainPID", of: unit) == pid)
    try ask()

    try host.crash(unit)
    try ask()
    try host.systemctl("reload", unit)
    #expect(try host.property("ActiveState", of: unit) == "active")
    try ask()
    #expect(try host.run("weft", "check").output.contains("proxy web: well"))

    try host.systemctl("stop", unit)
    #expect(try host.property("Result", of: unit) == "success")
    #expect(try host.journal(of: unit).contains("draining: "))
    withExtendedLifetime(web) {}
  }

  @Test("what the agent's documents deny stays denied when the proxy starts anew without the agent")
  func lastPolicies() throws {
    let unit = "weft-proxy@web"
    let web = try podAndServer()
    try host.systemctl("start", unit)
    let policy = """
      {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: quiet},
       spec: {podSelector: {}, policyTypes: [Egress], egress: []}}
      """
    try host.command("weft", ["apply", "-f", "-"]).with(\.input, Array(policy.utf8)).run().orThrow()
    func passes() throws -> Bool { try inPod("curl", "-sS", "-o", "/dev/null", "http://192.0.2.1:8000/").succeeded }
    try eventually("the policy to be in force") { try !passes() }
    // It is kept a moment after it is in force.
    try eventually("the policy to be kept") {
      try host.run("grep", "-q", "quiet", "/run/weft-proxy-web/proxy-web.snapshot").succeeded
    }
    // The proxy's unit would start the agent, and that would tell it.
    try host.run("rm", "/usr/local/bin/weft-agent").orThrow()
    try host.systemctl("stop", "weft-agent")
    try host.crash(unit)
    #expect(try !passes())
    try host.systemctl("stop", unit)
    try host.systemctl("start", unit)
    #expect(try !passes())
    withExtendedLifetime(web) {}
  }

  @Test("systemd has nothing against the units, and calls their exposure low")
  func analysis() throws {
    for unit in ["weft-agent.service", "weft-proxy@web.service"] {
      let found = try host.run("systemd-analyze", "verify", "--man=no", "/run/weft-boot/units/\(unit)")
      #expect(found.succeeded && found.error.isEmpty, "\(found)")
      // Of 100; a unit that says nothing has 96.
      let exposure = try host.run(
        "systemd-analyze",
        "security",
        "--offline=true",
        "--threshold=25",
        "/run/weft-boot/units/\(unit)"
      )
      #expect(exposure.succeeded, "\(exposure)")
    }
  }

  private func inPod(_ words: String...) throws -> Outcome {
    try host.command("ip", ["netns", "exec", "web"] + words).run()
  }

  /// The network namespace `web`, whose way to the host is a veth pair.
  private static let makePod = """
    set -e
    ip netns add web
    ip -n web link set lo up
    ip link add pod type veth peer name eth0 netns web
    ip address add 192.0.2.1/24 dev pod
    ip link set pod up
    ip -n web address add 192.0.2.2/24 dev eth0
    ip -n web link set eth0 up
    """
}
