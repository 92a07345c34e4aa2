internal import Glibc

/// Which of Serf's timings a mesh of a size takes, computed from the constants of its memberlist (`config.go`,
/// `suspicion.go`): a silent host is probed, then suspected, and dead where it has not contradicted in time.
extension SerfConfiguration.Profile {
  /// The suspicion, in seconds, that a host of a small mesh has to contradict: what `lan` gives up to ten hosts. A host that
  /// stands still for less, for want of processors or memory, is not taken for dead. No mesh gets less.
  static let leastSuspicion_s = 4.0

  /// The quickest timing whose suspicion is not shorter than that of a small mesh.
  ///
  /// Suspicion grows with the logarithm of the number of hosts, so that news can reach all of them. News of a mesh of some
  /// dozens is quick enough for the shorter multiple of `local`.
  public static func fitting(hosts: Int) -> Self {
    local.suspicion_s(hosts: hosts) >= leastSuspicion_s ? .local : .lan
  }

  /// Seconds from the first failed probe of a host until it is dead, where others confirm that it does not answer:
  /// `SuspicionMult` × log10(hosts), at least 1, × `ProbeInterval`.
  func suspicion_s(hosts: Int) -> Double {
    suspicionMultiple * max(1, log10(Double(max(hosts, 1)))) * probeInterval_s
  }

  /// Seconds from a host's end until it is usually known to be dead: until somebody happens to probe it, until that probe has
  /// failed, and its suspicion. One time in twenty it takes two seconds more.
  func detection_s(hosts: Int) -> Double {
    let others = Double(max(hosts - 1, 1))
    // That one of the others probes it in an interval; each goes through all in an order of its own.
    let chance = 1 - pow(1 - 1 / others, others)
    return (1 / chance - 0.5) * probeInterval_s + probeInterval_s + suspicion_s(hosts: hosts)
  }

  private var suspicionMultiple: Double {
    switch self {
    case .local: 3
    case .lan: 4
    case .wan: 6
    }
  }

  private var probeInterval_s: Double {
    switch self {
    case .local, .lan: 1
    case .wan: 5
    }
  }
}
