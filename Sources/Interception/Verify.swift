internal import Kernel
internal import MeshModel

/// Attests that capture works: the rules are what was asked for, and probes go where they must, family by family.
public enum Verify {
  /// What was found for one family.
  public struct FamilyReport: Sendable {
    /// The family it is about.
    public let family: Family
    /// Nil where there are no rules of ours.
    public let backend: Backend?
    /// Nil where there are no rules of ours, or their options are not understood.
    public let mode: FamilyPlan.Mode?
    /// How the rules differ from what was asked; empty when they are right.
    public let differences: [String]
    /// What need not be wrong but may explain what is.
    public let notes: [String]
    /// What a connection from here to outside met.
    public let outbound: ProbeResult
    /// What a connection from outside to here met.
    public let inbound: ProbeResult
    /// What a question to a name server outside met; nil where the options capture none.
    public let names: ProbeResult?

    /// The rules are right and no probe got past them or was lost.
    public var works: Bool {
      mode != nil && differences.isEmpty
        && [outbound, inbound, names].compactMap(\.self).allSatisfy {
          switch $0 {
          case .leaked, .lost: false
          case .reachedProxy, .noProxyListens, .refused, .notMade: true
          }
        }
    }
  }

  /// Compares the rules of the calling thread's namespace and, unless `rulesOnly`, sends the probes.
  public static func run(rulesOnly: Bool, waitSeconds: Int) throws(CaptureError) -> [FamilyReport] {
    let lock = try NamespaceLock(waitSeconds: waitSeconds)
    defer { extendLifetime(lock) }
    let installed = try InstalledRules.read()
    let families = Family.allCases.filter(RuleTools.kernelHas)
    guard !rulesOnly, !installed.isEmpty else {
      let reason = ProbeResult.notMade("asked for the rules only")
      return families.map { report($0, installed, outbound: reason, inbound: reason) }
    }
    let world = try ProbeNamespace.make()
    return families.map { family in
      guard let asked = installed.first(where: { $0.family == family })?.asked else {
        let reason = ProbeResult.notMade("there are no rules to probe")
        return report(family, installed, outbound: reason, inbound: reason)
      }
      return report(
        family,
        installed,
        outbound: outbound(family, asked.options, asked.mode, world),
        inbound: inbound(family, asked.options, asked.mode, world),
        names: names(family, asked.options, asked.mode, world)
      )
    }
  }

  private static func report(
    _ family: Family,
    _ installed: [InstalledRules],
    outbound: ProbeResult,
    inbound: ProbeResult,
    names: ProbeResult? = nil
  ) -> FamilyReport {
    let rules = installed.filter { $0.family == family }
    var differences = rules.flatMap(\.differences)
    if rules.isEmpty { differences.append("no rules of weft") }
    if rules.count > 1 { differences.append("rules of weft in both back ends") }
    if let options = rules.first?.asked?.options,
      let other = installed.first(where: { $0.family == family.other })?.asked?.options, options != other
    {
      differences.append("the options of IPv4 and IPv6 differ")
    }
    return FamilyReport(
      family: family,
      backend: rules.first?.backend,
      mode: rules.first?.asked?.mode,
      differences: differences,
      notes: rules.flatMap(\.overtaking),
      outbound: outbound,
      inbound: inbound,
      names: names
    )
  }

  private static func names(
    _ family: Family,
    _ options: CaptureOptions,
    _ mode: FamilyPlan.Mode,
    _ world: borrowing ProbeNamespace
  ) -> ProbeResult? {
    guard options.captureDNS else { return nil }
    let server = ProbeNamespace.awayAddress(family)
    guard options.selectsNames(server) else { return .notMade("the options leave documentation addresses alone") }
    let owner = options.ordinaryOwner
    do {
      return try NameProbe(server, as: FileOwner(user: owner.user, group: owner.group), world).result(mode)
    } catch { return .notMade(error.description) }
  }

  /// Ports to probe with: those of ordinary services first, then what the options name.
  private static let ordinaryPorts: [UInt16] = [80, 443, 8080, 9000, 18080, 28080]

  private static func outbound(
    _ family: Family,
    _ options: CaptureOptions,
    _ mode: FamilyPlan.Mode,
    _ world: borrowing ProbeNamespace
  ) -> ProbeResult {
    let address = ProbeNamespace.awayAddress(family)
    let ports = ordinaryPorts + options.includeOutboundPorts.map(\.first)
    guard let port = ports.first(where: { options.selectsOutbound(SocketAddress(address, port: $0)) }) else {
      return .notMade("the options select no documentation address")
    }
    let owner = options.ordinaryOwner
    do {
      return try Probe.outbound(
        SocketAddress(address, port: port),
        as: FileOwner(user: owner.user, group: owner.group),
        world
      ).result(mode)
    } catch { return .notMade(error.description) }
  }

  /// How many included ports to try: programs hold the ones they serve, and a list can be long.
  private static let inboundTries = 64

  private static func inbound(
    _ family: Family,
    _ options: CaptureOptions,
    _ mode: FamilyPlan.Mode,
    _ world: borrowing ProbeNamespace
  ) -> ProbeResult {
    let listed: [UInt16] =
      switch options.includeInboundPorts {
      case .all: []
      case .only(let ranges): ranges.flatMap { $0.first...$0.last }
      }
    let candidates = (listed.isEmpty ? ordinaryPorts.reversed() + Array(20000..<20100) : listed)
    var reason = "the options select no inbound port"
    for port in candidates.filter(options.selectsInbound).prefix(inboundTries) {
      do {
        return try Probe.inbound(SocketAddress(ProbeNamespace.homeAddress(family), port: port), world).result(mode)
      } catch { reason = error.description }
    }
    return .notMade(reason)
  }
}
