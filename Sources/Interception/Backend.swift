/// Which of the kernel's two packet filters the iptables programs write to.
public enum Backend: String, Sendable, CaseIterable {
  /// nf_tables, by `iptables-nft-restore`.
  case nft
  /// ip_tables, by `iptables-legacy-restore`.
  case legacy

  var other: Backend { self == .nft ? .legacy : .nft }
}

/// Which back end was chosen, and what the operator should know about it.
struct BackendChoice: Equatable {
  let backend: Backend
  let warnings: [String]

  /// What one back end holds, families together.
  struct Holding: Equatable {
    /// Its programs are installed and the kernel answers them.
    var usable = false
    /// Chains of ours are there.
    var ours = false
    /// Rules that are not ours.
    var foreignRules = 0
  }

  /// Follows the rules that are there: a second back end beside one in use would see traffic that the first
  /// already decided, and half of the host's tools would not show it.
  static func choose(
    requested: Backend?,
    nft: Holding,
    legacy: Holding
  ) throws(CaptureError) -> BackendChoice {
    let holdings = [Backend.nft: nft, .legacy: legacy]
    func holding(_ backend: Backend) -> Holding { holdings[backend] ?? Holding() }
    var warnings: [String] = []
    if nft.foreignRules > 0, legacy.foreignRules > 0 {
      warnings.append(
        "rules are in both back ends (nft: \(nft.foreignRules), legacy: \(legacy.foreignRules)); "
          + "packets pass both, and each tool shows only its own"
      )
    }
    if let requested {
      guard holding(requested).usable else { throw unusable(requested) }
      guard !holding(requested.other).ours else {
        throw .failed(
          "rules of weft are in the \(requested.other.rawValue) back end already; run `weft-capture remove` first, "
            + "or leave out --backend"
        )
      }
      return BackendChoice(backend: requested, warnings: warnings)
    }
    if let mine = Backend.allCases.first(where: { holding($0).ours }) {
      return BackendChoice(backend: mine, warnings: warnings)
    }
    let preferred: Backend = legacy.foreignRules > nft.foreignRules ? .legacy : .nft
    guard let usable = [preferred, preferred.other].first(where: { holding($0).usable }) else {
      throw unusable(preferred)
    }
    return BackendChoice(backend: usable, warnings: warnings)
  }

  private static func unusable(_ backend: Backend) -> CaptureError {
    .missing(
      "iptables-\(backend.rawValue)-restore or kernel support for it",
      advice: "install the package iptables, or choose the other --backend (nft or legacy)"
    )
  }
}
