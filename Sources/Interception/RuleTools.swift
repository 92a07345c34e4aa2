internal import Glibc
internal import Kernel

/// The iptables programs of one back end, run in the calling thread's network namespace.
struct RuleTools {
  let backend: Backend
  /// How long to wait for the xtables lock, which only the legacy back end takes.
  let waitSeconds: Int

  /// What a program may take beyond the wait for the lock: thousands of foreign rules load in well under this.
  static let deadlineSeconds = 30
  /// Where the programs are when PATH does not say.
  private static let defaultDirectories = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"]

  /// All tables of `family` that hold anything, with counters.
  func save(_ family: Family) throws(CaptureError) -> [SavedTable] {
    // Asking the legacy back end about a table loads it, so ask only about what is loaded.
    if backend == .legacy, !Self.legacyIsLoaded(family) { return [] }
    let outcome = try run(family, "save", ["-c"])
    guard outcome.status == 0 else { throw failure(outcome, family, "save") }
    return SavedTable.read(outcome.text)
  }

  /// Commits `text`, one transaction a table, leaving all else in the tables alone.
  func restore(_ family: Family, _ text: String) throws(CaptureError) {
    let wait = backend == .legacy && waitSeconds > 0 ? ["--wait=\(waitSeconds)"] : []
    let outcome = try run(family, "restore", ["--noflush"] + wait, input: text)
    guard outcome.status == 0 else { throw failure(outcome, family, "restore") }
  }

  /// The same, or nil where the programs of this family are absent or the kernel does not answer them.
  func saveIfUsable(_ family: Family) -> [SavedTable]? {
    guard path(family, "restore") != nil else { return nil }
    return try? save(family)
  }

  /// Each back end whose programs are there and whom the kernel answers, with what it holds of `family`.
  ///
  /// - Throws: `CaptureError.missing` where there is none: then nothing is known, which is not the same as no rules.
  static func answering(
    _ family: Family,
    waitSeconds: Int = 0
  ) throws(CaptureError) -> [(tools: RuleTools, tables: [SavedTable])] {
    let answers = Backend.allCases.compactMap { backend -> (tools: RuleTools, tables: [SavedTable])? in
      let tools = RuleTools(backend: backend, waitSeconds: waitSeconds)
      return tools.saveIfUsable(family).map { (tools, $0) }
    }
    guard !answers.isEmpty else {
      throw .missing(
        "\(family == .v4 ? "iptables" : "ip6tables") programs that the kernel answers",
        advice: "install the package iptables; it holds iptables-nft-restore and iptables-legacy-restore"
      )
    }
    return answers
  }

  private func run(
    _ family: Family,
    _ verb: String,
    _ arguments: [String],
    input: String = ""
  ) throws(CaptureError) -> ChildProcess.Outcome {
    guard let path = path(family, verb) else {
      throw .missing("program \(program(family, verb))", advice: "install the package iptables")
    }
    do {
      return try ChildProcess(path, arguments, environment: Self.environment)
        .run(input: Array(input.utf8), deadlineSeconds: Self.deadlineSeconds + waitSeconds)
    } catch { throw .system(error) }
  }

  private func program(_ family: Family, _ verb: String) -> String {
    "\(family == .v4 ? "iptables" : "ip6tables")-\(backend.rawValue)-\(verb)"
  }

  private func path(_ family: Family, _ verb: String) -> String? { Self.find(program(family, verb)) }

  private func failure(_ outcome: ChildProcess.Outcome, _ family: Family, _ verb: String) -> CaptureError {
    let name = program(family, verb)
    if outcome.timedOut { return .failed("\(name) did not end within \(Self.deadlineSeconds + waitSeconds) s") }
    if outcome.complaint.contains("xtables lock") { return .lockHeld("the xtables lock", seconds: waitSeconds) }
    let lines = outcome.complaint.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("Try `") }
    return .failed("\(name) exited with \(outcome.status): \(lines.joined(separator: "; "))")
  }

  /// The absolute path of `program` in PATH, then in the usual places.
  static func find(_ program: String) -> String? {
    let named = getenv("PATH").map { String(cString: $0) } ?? ""
    return (named.split(separator: ":").map(String.init) + defaultDirectories)
      .filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// Only what the programs need; XTABLES_LOCKFILE is iptables' own way to place its lock elsewhere.
  static var environment: [String] {
    var inherited: [String] = []
    for name: String in ["PATH", "XTABLES_LOCKFILE"] {
      guard let value = getenv(name) else { continue }
      inherited.append("\(name)=\(String(cString: value))")
    }
    return ["LC_ALL=C"] + inherited
  }

  static func legacyIsLoaded(_ family: Family) -> Bool {
    let path = "/proc/thread-self/net/\(family == .v4 ? "ip" : "ip6")_tables_names"
    guard let file = fopen(path, "re") else { return false }
    defer { fclose(file) }
    return fgetc(file) != EOF
  }

  /// Whether the kernel, in this namespace, has the family at all.
  static func kernelHas(_ family: Family) -> Bool {
    family == .v4 || access("/proc/thread-self/net/if_inet6", F_OK) == 0
  }
}

extension BackendChoice {
  /// Looks at what each back end holds in this namespace, and chooses.
  static func ofThisNamespace(requested: Backend?) throws(CaptureError) -> BackendChoice {
    try choose(requested: requested, nft: Holding.read(.nft), legacy: Holding.read(.legacy))
  }
}

extension BackendChoice.Holding {
  static func read(_ backend: Backend) -> Self {
    var holding = Self()
    let tools = RuleTools(backend: backend, waitSeconds: 0)
    for family in Family.allCases where RuleTools.kernelHas(family) {
      guard let tables = tools.saveIfUsable(family) else { continue }
      holding.usable = true
      for table in tables {
        holding.ours = holding.ours || table.chains.contains { $0.hasPrefix(ChainName.prefix) }
        holding.foreignRules += table.rules.count { !$0.isOurs }
      }
    }
    return holding
  }
}
