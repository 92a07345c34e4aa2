internal import Glibc
internal import Kernel
internal import MeshModel

/// A throw-away network namespace joined to this one by a veth pair: the outside world for a probe.
///
/// Nothing names it, so the kernel ends it and both ends of the pair soon after this process ends, however it ends.
struct ProbeNamespace: ~Copyable {
  private let home: NetworkNamespace
  private let away: NetworkNamespace
  private let ip: String

  /// Documentation addresses (RFC 5737, RFC 3849): no real host has them, and no packet leaves this host.
  static func homeAddress(_ family: Family) -> IPAddress {
    family == .v4 ? IPAddress(v4: 0xc633_64fd) : IPAddress(high: 0x2001_0db8_77ef_0001, low: 1)
  }
  static func awayAddress(_ family: Family) -> IPAddress {
    family == .v4 ? IPAddress(v4: 0xc633_64fe) : IPAddress(high: 0x2001_0db8_77ef_0001, low: 2)
  }

  private init(home: consuming NetworkNamespace, away: consuming NetworkNamespace, ip: String) {
    self.home = home
    self.away = away
    self.ip = ip
  }

  /// The kernel would clear the interface away too, but later, when others may already look.
  deinit { _ = Self.configure(ip, ["link del \(Self.interfaceName)"]) }

  /// Makes and joins it. Needs CAP_SYS_ADMIN, and `ip` of iproute2.
  static func make() throws(CaptureError) -> ProbeNamespace {
    try Privilege.requireNamespaces()
    guard let ip = RuleTools.find("ip") else {
      throw .missing("program ip", advice: "the probes need it; install the package iproute2")
    }
    let world = try join(ip)
    let name = interfaceName
    let made = configure(
      ip,
      ["link set lo up", "link add name weftaway type veth peer name \(name) netns \(world.home.path)"]
        + commands("weftaway", awayAddress)
    )
    do { try world.home.enter() } catch { throw .system(error) }
    if let complaint = made ?? configure(ip, commands(name, homeAddress)) {
      throw .failed("could not set up the probe's interface: \(complaint)")
    }
    return world
  }

  /// Leaves the calling thread in the new namespace.
  private static func join(_ ip: String) throws(CaptureError) -> ProbeNamespace {
    do {
      let home = try NetworkNamespace.current()
      let away = try NetworkNamespace.unshare()
      return ProbeNamespace(home: home, away: away, ip: ip)
    } catch { throw .system(error) }
  }

  /// Unlike any that a killed run may have left for another moment.
  private static var interfaceName: String { "weft-\(getpid())" }

  private static func commands(_ interface: String, _ address: (Family) -> IPAddress) -> [String] {
    [
      "link set \(interface) up", "addr add \(address(.v4))/30 dev \(interface)",
      // Without duplicate address detection, which takes a second. It fails where IPv6 is off; probes then say so.
      "addr add \(address(.v6))/64 dev \(interface) nodad",
    ]
  }

  /// Runs `ip` in the calling thread's namespace; what it complained of, if that matters.
  private static func configure(_ ip: String, _ commands: [String]) -> String? {
    let outcome: ChildProcess.Outcome
    do {
      outcome = try ChildProcess(ip, ["-force", "-batch", "-"])
        .run(input: Array(commands.joined(separator: "\n").utf8 + [0x0a]), deadlineSeconds: deadlineSeconds)
    } catch { return error.description }
    // With -force a failed command does not stop the rest; only the last, the IPv6 address, may fail.
    let complaints = outcome.complaint.split(separator: "\n")
    let fatal = complaints.contains { $0.hasPrefix("Command failed") && !$0.hasSuffix(":\(commands.count)") }
    return fatal || outcome.timedOut ? complaints.joined(separator: "; ") : nil
  }

  /// `ip` takes milliseconds; longer than this it hangs.
  private static let deadlineSeconds = 10

  /// Runs `body` in the throw-away namespace and comes back.
  func outside<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(SystemError) -> Result {
    try away.enter()
    do {
      let result = try body()
      try home.enter()
      return result
    } catch {
      try home.enter()
      throw error
    }
  }
}
