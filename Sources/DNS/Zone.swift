public import MeshModel

/// The names that the mesh answers for, and what it answers: a pure function of a question and a `NameTable`.
///
/// Names are `<service>.<namespace>.<zone>`. A name of one label below the zone is a namespace, never a service: who
/// wants to write less puts `<namespace>.<zone>` on the search list.
public struct Zone: Sendable {
  /// The zone's name.
  public let apex: DomainName
  /// Blocks of virtual addresses that nobody else gives names to: an unknown one in them does not exist.
  public let virtualBlocks: [IPPrefix]
  /// Whether `<service>.<namespace>.svc.cluster.local` is answered for services that are known here. It is for programs
  /// that come from a cluster; all else below that name is still forwarded.
  public let answersClusterLocal: Bool

  /// The zone's server below the apex, and whom to write to.
  private let server: DomainName
  private let mailbox: DomainName
  private static let clusterLocal = DomainName(labels: ["svc", "cluster", "local"].map { Array($0.utf8) })
  /// `mesh`.
  public static let defaultApex = DomainName(labels: [Array("mesh".utf8)]) ?? .root
  /// 240.0.0.0/4, where virtual addresses are taken from.
  public static let defaultBlocks = [IPPrefix("240.0.0.0/4")].compactMap { $0 }

  /// A zone; nil where `apex` leaves no room for names below it.
  public init?(
    apex: DomainName = Self.defaultApex,
    virtualBlocks: [IPPrefix] = Self.defaultBlocks,
    answersClusterLocal: Bool = false
  ) {
    guard let server = apex.prefixed("ns"), let mailbox = apex.prefixed("hostmaster") else { return nil }
    self.apex = apex
    self.virtualBlocks = virtualBlocks
    self.answersClusterLocal = answersClusterLocal
    self.server = server
    self.mailbox = mailbox
  }

  /// What becomes of a question.
  public enum Answer: Hashable, Sendable {
    /// These records, and some that may be of use beside.
    case records([ResourceRecord], additionals: [ResourceRecord])
    /// The name exists, and has no such record (RFC 2308 section 2.2); the SOA says for how long.
    case noData(ResourceRecord)
    /// The name does not exist, nor any below it (RFC 8020).
    case nameError(ResourceRecord, hint: String)
    /// The question is not for us to answer at all.
    case refused(DNSFault)
    /// The name is not the mesh's.
    case forward
  }

  /// Answers `question` from `table`. `rotation` is a random number: it chooses which endpoint comes first.
  public func answer(_ question: Question, from table: NameTable, rotation: UInt64) -> Answer {
    guard question.recordClass == .in else { return .refused(.recordClass) }
    guard ![.axfr, .ixfr, .opt].contains(question.type) else { return .refused(.questionType) }
    if let count = question.name.labelsBefore(apex) {
      return below(apex: question.name.dropping(count), count, question, table, rotation)
    }
    if answersClusterLocal, let suffix = Self.clusterLocal, let count = question.name.labelsBefore(suffix) {
      let zone = question.name.dropping(count)
      let answer = below(apex: zone, count, question, table, rotation)
      // The cluster's own server knows the others.
      if case .nameError = answer { return .forward }
      return count < 2 ? .forward : answer
    }
    if let name = ReverseName(question.name) { return reverse(name, question, table) }
    return .forward
  }

  /// The SOA record of the zone or of a reverse zone, as `name` is written in the question.
  func authority(_ name: DomainName, _ table: NameTable, ttl_s: UInt32 = RecordTTL.negative_s) -> ResourceRecord {
    // Nobody copies the zone, so the times are the usual ones and mean nothing.
    let start = StartOfAuthority(
      server: server,
      mailbox: mailbox,
      serial: table.serial,
      refresh_s: 7_200,
      retry_s: 1_800,
      expire_s: 86_400,
      minimum_s: RecordTTL.negative_s
    )
    return ResourceRecord(name, ttl_s: ttl_s, .soa(start))
  }

  private func below(
    apex zone: DomainName,
    _ count: Int,
    _ question: Question,
    _ table: NameTable,
    _ rotation: UInt64
  ) -> Answer {
    let soa = authority(zone, table)
    // What is no text is no name of ours either. U+FFFD in its place is in no name of the table.
    let labels = question.name.labels.prefix(count).map { String(decoding: $0, as: UTF8.self).lowercased() }
    switch count {
    case 0: return apexAnswer(zone, question, table)
    case 1:
      if question.name == server { return serverAnswer(question, table, soa) }
      return table.hasNamespace(labels[0])
        ? .noData(soa)
        : .nameError(soa, hint: "there is no namespace \(labels[0]); names are <service>.<namespace>.\(zone)")
    default:
      let (name, namespace) = (labels[count - 2], labels[count - 1])
      guard let service = table.service(name, in: namespace) else {
        let reason = table.hasNamespace(namespace) ? "no service \(name) in namespace" : "no namespace"
        return .nameError(soa, hint: "there is \(reason) \(namespace)")
      }
      let names = ServiceNames(service, name: question.name.dropping(count - 2), soa: soa, rotation: rotation)
      return names.answer(question, Array(labels.prefix(count - 2)))
    }
  }

  private func apexAnswer(_ zone: DomainName, _ question: Question, _ table: NameTable) -> Answer {
    switch question.type {
    case .soa: .records([authority(zone, table, ttl_s: RecordTTL.apex_s)], additionals: [])
    case .ns:
      .records(
        [ResourceRecord(zone, ttl_s: RecordTTL.apex_s, .ns(server))],
        additionals: serverRecords(server, table)
      )
    case .any: .records([MinimalAny.record(zone, ttl_s: RecordTTL.apex_s)], additionals: [])
    default: .noData(authority(zone, table))
    }
  }

  private func serverAnswer(_ question: Question, _ table: NameTable, _ soa: ResourceRecord) -> Answer {
    if question.type == .any { return .records([MinimalAny.record(question.name)], additionals: []) }
    let records = serverRecords(question.name, table).filter { $0.data.type == question.type }
    return records.isEmpty ? .noData(soa) : .records(records, additionals: [])
  }

  private func serverRecords(_ name: DomainName, _ table: NameTable) -> [ResourceRecord] {
    table.serverAddresses.map { ResourceRecord(name, ttl_s: RecordTTL.apex_s, .address($0)) }
  }

  private func reverse(_ name: ReverseName, _ question: Question, _ table: NameTable) -> Answer {
    let owner = name.isWhole ? table.owner(of: name.address) : nil
    let below = virtualBlocks.lazy.compactMap { name.labelsBelow($0) }.first
    guard owner != nil || below != nil else { return .forward }
    let soa = authority(question.name.dropping(below ?? 0), table)
    guard let owner, let target = apex.prefixed(owner.name, owner.namespace) else {
      return name.isWhole ? .nameError(soa, hint: "no service has this virtual address") : .noData(soa)
    }
    switch question.type {
    case .ptr:
      return .records([ResourceRecord(question.name, ttl_s: RecordTTL.service_s, .ptr(target))], additionals: [])
    case .any: return .records([MinimalAny.record(question.name)], additionals: [])
    default: return .noData(soa)
    }
  }
}
