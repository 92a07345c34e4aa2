internal import HTTP1
internal import MeshModel

extension CompiledRules {
  /// The first rule of `list` that matches.
  @inline(__always)
  func firstMatch(_ list: Range<Int>, _ head: borrowing RequestHead, _ facts: borrowing RequestFacts) -> Rule? {
    for index in list {
      let rule = rules[index]
      if holdsAny(rule.sources, rule.isStrict, head, facts), holdsAny(rule.operations, rule.isStrict, head, facts),
        holdsAll(rule.conditions, rule.isStrict, head, facts)
      {
        return rule
      }
    }
    return nil
  }

  /// Whether some group holds; with no group nothing is asked.
  @inline(__always)
  private func holdsAny(
    _ alternatives: Slice,
    _ isStrict: Bool,
    _ head: borrowing RequestHead,
    _ facts: borrowing RequestFacts
  ) -> Bool {
    guard !alternatives.isEmpty else { return true }
    for index in alternatives.indices where holdsAll(groups[index], isStrict, head, facts) { return true }
    return false
  }

  private func holdsAll(
    _ group: Slice,
    _ isStrict: Bool,
    _ head: borrowing RequestHead,
    _ facts: borrowing RequestFacts
  ) -> Bool {
    for index in group.indices where !holds(checks[index], isStrict, head, facts) { return false }
    return true
  }

  @inline(__always)
  private func holds(
    _ check: Check,
    _ isStrict: Bool,
    _ head: borrowing RequestHead,
    _ facts: borrowing RequestFacts
  ) -> Bool {
    switch check.subject {
    case .unjudgeable: !isStrict
    case .port: contains(facts.destination.port, check.entries) != check.isNegated
    case .method: matchesMethod(check, head) != check.isNegated
    case .source: contains(facts.source, check.entries) != check.isNegated
    case .remote: contains(facts.remote, check.entries) != check.isNegated
    case .destination: contains(facts.destination.ip, check.entries) != check.isNegated
    case .path: matchesAny(check.entries, facts.path) != check.isNegated
    case .host: matchesHost(check.entries, head.port, facts) != check.isNegated
    case .serverName: matchesAny(check.entries, facts.serverName) != check.isNegated
    case .namespace: matchesAny(check.entries, facts.peerNamespace) != check.isNegated
    case .principal: matchesAny(check.entries, facts.peer.map(Self.withoutScheme)) != check.isNegated
    case .requestPrincipal, .presenter, .audience, .claim: matchesToken(check, facts.token) != check.isNegated
    case .header: holdsForFields(check, isStrict, head)
    }
  }

  /// Whether a list of ports has this one.
  func contains(_ port: UInt16, _ slice: Slice) -> Bool {
    for index in slice.indices where ports[index] == port { return true }
    return false
  }

  /// Whether ranges, sorted and apart, hold the address.
  func contains(_ address: IPAddress, _ slice: Slice) -> Bool {
    // The first range that does not end before the address holds it, or none does.
    var low = slice.indices.lowerBound
    let end = slice.indices.upperBound
    var high = end
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].last < address { low = middle + 1 } else { high = middle }
    }
    return low < end && ranges[low].first <= address
  }

  private func matchesMethod(_ check: Check, _ head: borrowing RequestHead) -> Bool {
    if head.method != .other { return check.methods >> UInt16(head.method.rawValue) & 1 == 1 }
    return matchesAny(check.entries, head[head.methodRange])
  }

  /// Whether a pattern matches; nothing matches what is not there.
  func matchesAny(_ slice: Slice, _ text: UnsafeRawBufferPointer?) -> Bool {
    guard let text else { return false }
    return store.withUnsafeBytes { store in
      for index in slice.indices where patterns[index].matches(text, store) { return true }
      return false
    }
  }

  /// A pattern without a port is compared with the host alone; one with a port with `host:port`, where a request that
  /// names no port means that of its scheme (RFC 9110 section 4.2.1).
  private func matchesHost(_ slice: Slice, _ port: UInt16?, _ facts: borrowing RequestFacts) -> Bool {
    var host = facts.host
    // The dot that says a name is whole makes it no other name.
    if host.last == UInt8(ascii: ".") { host = UnsafeRawBufferPointer(rebasing: host.dropLast()) }
    guard !host.isEmpty else { return false }
    return store.withUnsafeBytes { store in
      for index in slice.indices {
        let pattern = patterns[index]
        if pattern.namesPort {
          let suffix = PortSuffix(port ?? 80)
          if suffix.withBytes({ pattern.matchesFolded(host, $0, store) }) { return true }
        } else if pattern.matchesFolded(host, UnsafeRawBufferPointer(start: nil, count: 0), store) {
          return true
        }
      }
      return false
    }
  }

  /// `id` without `spiffe://`.
  static func withoutScheme(_ id: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let scheme: StaticString = "spiffe://"
    let count = scheme.utf8CodeUnitCount
    let bare = UnsafeRawBufferPointer(start: scheme.utf8Start, count: count)
    guard id.count >= count, id.prefix(count).elementsEqual(bare) else { return id }
    return UnsafeRawBufferPointer(rebasing: id.dropFirst(count))
  }
}

/// `:` and a port, as an authority ends.
struct PortSuffix {
  private var bytes = InlineArray<6, UInt8>(repeating: 0)
  private var first = 6

  init(_ port: UInt16) {
    var rest = port
    repeat {
      first -= 1
      bytes[first] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    first -= 1
    bytes[first] = UInt8(ascii: ":")
  }

  /// The text; it lasts as long as the call.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[first...])) }
  }
}
