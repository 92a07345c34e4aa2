extension Replica {
  /// Answers a request as far as one message holds.
  mutating func serve(_ pull: Pull, to peer: OwnerID) {
    var room = min(ReplicationLimits.messageBytes, allowances.servable(to: peer)) - 16
    let allowed = room
    var answer = Records(request: pull.request, served: 0, sections: [])
    for want in pull.wants {
      // A whole set may be fetched on from one peer to another, which may not be as far.
      if let set = store[want.owner], set.head.last > want.after || want.whole && set.head.last == want.after {
        guard let section = section(of: set, for: want, room: room) else { break }
        room -= section.frameCount + section.records.reduce(0) { $0 + $1.encodedCount }
        answer.sections.append(section)
      }
      answer.served += 1
    }
    guard answer.served > 0 else {
      // Even an empty message holds one record of the largest, so the peer's allowance is used up.
      if !pull.wants.isEmpty { refuse(.flood, from: peer) }
      return
    }
    allowances.served(allowed - room, to: peer)
    send(.records(answer), to: peer)
  }

  /// The records that are wanted, as many as there is room for; nil if not even one has it.
  private func section(of set: OwnerSet, for want: Pull.Want, room: Int) -> Section? {
    // Who is behind the floor cannot learn what was deleted.
    let startsWhole = !want.whole && (want.after < set.head.floor || want.after == .zero)
    let after = startsWhole ? .zero : want.after
    var section = Section(
      head: set.head,
      credential: set.credential,
      whole: want.whole || startsWhole,
      after: after,
      more: false,
      records: []
    )
    var left = room - section.frameCount
    guard left >= 0 else { return nil }
    for entry in set.entries(after: after) {
      let size = entry.record.encodedCount
      guard size <= left, section.records.count < ReplicationLimits.ownerRecords else {
        section.more = true
        break
      }
      section.records.append(entry.record)
      left -= size
    }
    return section.more && section.records.isEmpty ? nil : section
  }
}
