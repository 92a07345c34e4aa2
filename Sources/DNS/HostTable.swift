public import MeshModel

/// The addresses of hosts that are wanted, and when each is to be asked for again: answers in, questions out.
///
/// Addresses that were once found stay until others are: a resolver that fails, or says that there is no such host any more, is
/// no reason to talk to nobody. What failed is told.
public struct HostTable: Sendable {
  private var hosts: [String: Host] = [:]
  /// Hosts that are wanted and beyond what is kept.
  public private(set) var leftOut = 0

  private struct Host: Sendable {
    /// Nil while it is asked for.
    var due_ms: UInt64? = 0
    /// The types that are not answered yet, of the question that is open.
    var open: Set<RecordType> = []
    /// What the open question came to so far.
    var answers: [RecordType: HostAnswer] = [:]
    var found: [RecordType: [IPAddress]] = [:]
    var foundAt_ms: UInt64?
    /// Failures in a row.
    var failures = 0
    var problem: String?

    var addresses: [IPAddress] {
      Array(((found[.a] ?? []) + (found[.aaaa] ?? [])).prefix(ResolutionLimit.addresses))
    }
  }

  /// What an answer changed.
  public enum Change: Hashable, Sendable {
    case nothing
    /// The host has other addresses now, or has some for the first time.
    case addresses([IPAddress])
    /// It could not be asked, for the first time since it could.
    case failed(String, kept: Int)
    /// It could be asked again, and has the addresses that it had.
    case recovered
  }

  /// A table of nobody.
  public init() {}

  /// Keeps the addresses of these hosts and of no others.
  public mutating func want(_ names: Set<String>, now_ms: UInt64) {
    let wanted = Set(names.sorted().prefix(ResolutionLimit.hosts))
    leftOut = names.count - wanted.count
    hosts = hosts.filter { wanted.contains($0.key) }
    for name in wanted where hosts[name] == nil { hosts[name] = Host(due_ms: now_ms) }
  }

  /// The addresses of every host that has some.
  public var addresses: [String: [IPAddress]] {
    hosts.compactMapValues { $0.addresses.isEmpty ? nil : $0.addresses }
  }

  /// Hosts whose last question failed, by name: what is wrong, how many addresses are used on, and since when these are known,
  /// in milliseconds of the caller's clock.
  public var problems: [(host: String, reason: String, kept: Int, foundAt_ms: UInt64?)] {
    hosts.sorted { $0.key < $1.key }.compactMap { name, host in
      host.problem.map { (name, $0, host.addresses.count, host.foundAt_ms) }
    }
  }

  /// When a host is to be asked for next; nil where none is, or as many are asked for as may be.
  public var nextDue_ms: UInt64? {
    guard asked < ResolutionLimit.atOnce else { return nil }
    return hosts.values.lazy.compactMap(\.due_ms).min()
  }

  private var asked: Int { hosts.values.lazy.filter { $0.due_ms == nil }.count }

  /// The hosts to ask for now, those first that waited longest, each for all of `types`. They count as asked for.
  public mutating func takeDue(_ types: Set<RecordType>, now_ms: UInt64) -> [String] {
    guard !types.isEmpty else { return [] }
    let due = hosts.compactMap { name, host in host.due_ms.flatMap { $0 <= now_ms ? ($0, name) : nil } }
      .sorted { $0 < $1 }
      .prefix(ResolutionLimit.atOnce - min(asked, ResolutionLimit.atOnce))
      .map(\.1)
    for name in due {
      hosts[name]?.due_ms = nil
      hosts[name]?.open = types
      hosts[name]?.answers = [:]
    }
    return due
  }

  /// Forgets that anything was asked for: whoever was asked is asked no more.
  public mutating func forgetQuestions(now_ms: UInt64) {
    for name in hosts.keys where hosts[name]?.due_ms == nil { hosts[name]?.due_ms = now_ms }
  }

  /// Takes an answer. One that nobody waits for is passed over.
  public mutating func take(_ answer: HostAnswer, _ type: RecordType, of name: String, now_ms: UInt64) -> Change {
    guard var host = hosts[name], host.due_ms == nil, host.open.remove(type) != nil else { return .nothing }
    host.answers[type] = answer
    defer { hosts[name] = host }
    return host.open.isEmpty ? Self.conclude(&host, now_ms) : .nothing
  }

  private static func conclude(_ host: inout Host, _ now_ms: UInt64) -> Change {
    let before = host.addresses
    var ttl_s = UInt32.max
    var problem: String?
    var hasFound = false
    for (type, answer) in host.answers {
      switch answer {
      case .addresses(let addresses, let kept_s):
        host.found[type] = kept(host.found[type] ?? [], addresses)
        hasFound = true
        ttl_s = min(ttl_s, kept_s)
      case .none: break
      case .failed(let reason): problem = problem ?? reason
      }
    }
    if hasFound {
      // A family that has no address any more is gone; one that could not be asked for is as it was: some servers answer
      // questions for one family alone.
      for (type, answer) in host.answers where answer == .none { host.found[type] = nil }
      host.foundAt_ms = now_ms
      problem = nil
    } else {
      problem = problem ?? "it has no address"
    }
    host.answers = [:]
    guard let problem else {
      let hadFailed = host.failures > 0
      host.failures = 0
      host.problem = nil
      let kept_ms = UInt64(ttl_s) * 1_000
      host.due_ms = now_ms + min(max(kept_ms, ResolutionLimit.shortest_ms), ResolutionLimit.longest_ms)
      return host.addresses != before ? .addresses(host.addresses) : hadFailed ? .recovered : .nothing
    }
    let isNew = host.failures == 0
    let backoff_ms = ResolutionLimit.firstRetry_ms << UInt64(min(host.failures, 16))
    host.failures += 1
    host.problem = problem
    host.due_ms = now_ms + min(backoff_ms, ResolutionLimit.longestRetry_ms)
    return isNew ? .failed(problem, kept: before.count) : .nothing
  }

  /// `fresh` in an order that does not change from one answer to the next: resolvers turn theirs, which is no news. The one that
  /// comes first stays so for as long as it is one, for who uses no other (`NamedEndpoint.takesOne`).
  private static func kept(_ known: [IPAddress], _ fresh: [IPAddress]) -> [IPAddress] {
    guard let first = known.first.flatMap({ fresh.contains($0) ? $0 : nil }) ?? fresh.first else { return [] }
    return [first] + fresh.filter { $0 != first }.sorted()
  }
}
