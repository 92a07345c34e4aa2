/// The members as they were told to the reader of events, and what to tell next: pure, lists and time come in.
///
/// Events follow from the difference between what Serf lists and what was told, so that an event that was lost on its way
/// costs time, not truth.
struct MemberView: Sendable {
  private struct Entry {
    /// What the reader knows; nil for one who was refused from the start.
    var told: Member?
    var refusal: MemberRefusal?
    /// Since when a live one has been missing in the list.
    var missingSince_ms: UInt64?
  }

  /// This host. It is there, whatever gossip says.
  private(set) var own: Member
  private var entries: [String: Entry] = [:]
  private var ownTold: Member?
  private var tooManyTold = false
  /// Members refused so far, each time anew when the reason changes.
  private(set) var refusals = 0

  init(own: Member) { self.own = own }

  /// All that were told, this host included, by name.
  var members: [Member] { (entries.values.compactMap(\.told) + [own]).sorted { $0.name < $1.name } }

  /// The own host says something else of itself.
  mutating func setOwn(_ tags: MemberTags) {
    own = Member(name: own.name, address: own.address, tags: tags)
  }

  /// Another Serf will list its members from now on: one that is missing has not been missing before.
  mutating func forgetAbsences() {
    for name in Array(entries.keys) { entries[name]?.missingSince_ms = nil }
  }

  /// Tells what is new about this host.
  mutating func observeOwn(_ tell: (MembershipEvent) -> Bool) {
    guard ownTold != own, tell(ownTold == nil ? .up(own) : .changed(own)) else { return }
    ownTold = own
  }

  /// Tells what differs in `list` from what was told. `tell` is false where it has no room; that is told next time.
  mutating func observe(_ list: [SerfMember], now_ms: UInt64, _ tell: (MembershipEvent) -> Bool) {
    // Where it gossips is Serf's choice, if it was told to do so everywhere.
    if let address = list.first(where: { $0.name == own.name })?.address {
      own = Member(name: own.name, address: address, tags: own.tags)
    }
    observeOwn(tell)
    var listed: Set<String> = [own.name]
    for member in list where listed.insert(member.name).inserted {
      if entries[member.name] == nil {
        guard entries.count < MembershipLimit.members - 1 else {
          refuseMany(member.name, tell)
          continue
        }
        entries[member.name] = Entry()
      }
      entries[member.name]?.missingSince_ms = nil
      do {
        guard let seen = try Member(member) else { continue }
        update(seen, tell)
      } catch {
        refuse(member.name, error, tell)
      }
    }
    for name in entries.keys.filter({ !listed.contains($0) }) { miss(name, now_ms, tell) }
    if entries.count < MembershipLimit.members - 1 { tooManyTold = false }
  }

  private mutating func update(_ seen: Member, _ tell: (MembershipEvent) -> Bool) {
    entries[seen.name]?.refusal = nil
    if let told = entries[seen.name]?.told, told.status == .alive {
      if told.owner != seen.owner {
        guard tell(.down(told.with(.failed), reason: .replaced)) else { return }
        entries[seen.name]?.told = told.with(.failed)
      } else if seen.status != .alive {
        guard tell(.down(seen, reason: seen.status == .left ? .left : .failed)) else { return }
      } else if seen != told {
        guard tell(.changed(seen)) else { return }
      }
      if told.owner == seen.owner {
        entries[seen.name]?.told = seen
        return
      }
    }
    guard seen.status != .alive || tell(.up(seen)) else { return }
    entries[seen.name]?.told = seen
  }

  private mutating func refuse(_ name: String, _ reason: MemberRefusal, _ tell: (MembershipEvent) -> Bool) {
    if let told = entries[name]?.told, told.status == .alive {
      guard tell(.down(told.with(.failed), reason: .refused)) else { return }
    }
    entries[name]?.told = nil
    guard entries[name]?.refusal != reason, tell(.refused(name: name, reason: reason)) else { return }
    entries[name]?.refusal = reason
    refusals += 1
  }

  private mutating func refuseMany(_ name: String, _ tell: (MembershipEvent) -> Bool) {
    guard !tooManyTold, tell(.refused(name: name, reason: .tooManyMembers)) else { return }
    tooManyTold = true
    refusals += 1
  }

  /// A member that Serf does not list: it forgot one that was gone for long, or has just started and not met it yet.
  private mutating func miss(_ name: String, _ now_ms: UInt64, _ tell: (MembershipEvent) -> Bool) {
    guard let told = entries[name]?.told, told.status == .alive else {
      entries[name] = nil
      return
    }
    guard let since = entries[name]?.missingSince_ms else {
      entries[name]?.missingSince_ms = now_ms
      return
    }
    guard now_ms >= since + MembershipLimit.absence_ms, tell(.down(told.with(.failed), reason: .failed)) else { return }
    entries[name] = nil
  }
}
