/// What the proxy's control thread knows, beside what its workers count.
public struct ProxyFigures: Sendable {
  /// weft's version, such as `0.1.0`.
  public var version = ""
  /// The snapshot in force: a number that grows with each; 0 where there is none.
  public var snapshotRevision: UInt64 = 0
  /// Snapshots taken into use.
  public var snapshotLoads: UInt64 = 0
  /// Snapshots refused; the one before stayed.
  public var snapshotRejects: UInt64 = 0
  /// Entries that journald took.
  public var journalSent: UInt64 = 0
  /// Entries written as JSON lines.
  public var journalLines: UInt64 = 0
  /// Entries lost in a full ring or at a journald that did not read.
  public var journalDropped: UInt64 = 0
  /// Entries left out by the rate limit.
  public var journalRateLimited: UInt64 = 0
  /// Requests that ended well and were not sampled, so that no entry was made.
  public var requestsUnsampled: UInt64 = 0
  /// Connections whose program was found.
  public var attributionFound: UInt64 = 0
  /// Connections whose program was looked for in vain.
  public var attributionMissed: UInt64 = 0
  /// Connections whose program was not looked for, since there were too many.
  public var attributionSkipped: UInt64 = 0
  /// Questions for names that were refused, since no agent answered.
  public var namesRefused: UInt64 = 0
  /// Who the proxy is to other proxies; nil where it has no agent.
  public var identity: IdentityFigures?

  /// All zero.
  public init() {}
}

extension PrometheusText {
  /// Adds the `weft_*` metrics that belong to no worker.
  public mutating func add(_ proxy: ProxyFigures) {
    family("weft_build_info", .gauge, "Always 1; the label tells the version.")
    sample("weft_build_info", 1, [MetricLabel("version", proxy.version)])
    family("weft_snapshot_revision", .gauge, "The policy snapshot in force; 0 for none.")
    sample("weft_snapshot_revision", proxy.snapshotRevision)
    family("weft_snapshot_loads_total", .counter, "Policy snapshots taken into use.")
    sample("weft_snapshot_loads_total", proxy.snapshotLoads)
    family("weft_snapshot_rejects_total", .counter, "Policy snapshots refused.")
    sample("weft_snapshot_rejects_total", proxy.snapshotRejects)
    family("weft_names_refused_total", .counter, "Questions for names refused, since no agent answered.")
    sample("weft_names_refused_total", proxy.namesRefused)
    if let identity = proxy.identity { add(identity) }
    family("weft_journal_entries_total", .counter, "Journal entries, by what became of them.")
    for (outcome, count) in [
      ("journal", proxy.journalSent), ("stderr", proxy.journalLines), ("dropped", proxy.journalDropped),
      ("rate-limited", proxy.journalRateLimited), ("not-sampled", proxy.requestsUnsampled),
    ] {
      sample("weft_journal_entries_total", count, [MetricLabel("outcome", outcome)])
    }
    family("weft_attributions_total", .counter, "Look-ups of the program behind a connection, by outcome.")
    for (outcome, count) in [
      ("found", proxy.attributionFound), ("missed", proxy.attributionMissed), ("skipped", proxy.attributionSkipped),
    ] {
      sample("weft_attributions_total", count, [MetricLabel("outcome", outcome)])
    }
  }
}

/// The proxy's certificate, in numbers.
public struct IdentityFigures: Sendable {
  /// When it expires, in seconds since 1970; nil where there is none.
  public var expires_s: Int64?
  /// The time now, in seconds since 1970.
  public var now_s: Int64 = 0
  /// Certificates and bundles taken since the start.
  public var renewals: UInt64 = 0
  /// Attempts that came to nothing.
  public var failures: UInt64 = 0

  /// None yet.
  public init() {}
}

extension PrometheusText {
  /// The first two names are those of Linkerd's proxy, where people have alerts on them.
  mutating func add(_ identity: IdentityFigures) {
    family("identity_cert_expiration_timestamp_seconds", .gauge, "When the proxy's certificate expires; 0 for none.")
    sample("identity_cert_expiration_timestamp_seconds", identity.expires_s ?? 0)
    family("identity_cert_refreshes_total", .counter, "Certificates and bundles that the agent gave the proxy.")
    sample("identity_cert_refreshes_total", identity.renewals)
    family("weft_identity_expiry_seconds", .gauge, "Seconds until the proxy's certificate expires; absent for none.")
    if let expires_s = identity.expires_s { sample("weft_identity_expiry_seconds", expires_s - identity.now_s) }
    family("weft_identity_failures_total", .counter, "Attempts to get the proxy's certificate that came to nothing.")
    sample("weft_identity_failures_total", identity.failures)
  }
}
