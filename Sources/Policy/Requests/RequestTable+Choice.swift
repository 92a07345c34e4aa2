public import HTTP1
public import MeshModel

/// What becomes of a request for a port: its route, and the faults and limits that come with that.
extension RequestTable {
  /// What becomes of a request for `port`, by the routes attached to it, in Gateway API's order of precedence.
  ///
  /// The path compared is `path` where one is given, and must be given where something else is forwarded than came.
  /// `draw` is a random number for the choice among weighted backends, used for nothing else.
  public func route(
    _ port: Int,
    _ head: borrowing RequestHead,
    path: UnsafeRawBufferPointer? = nil,
    draw: UInt64,
    scratch: PatternScratch
  ) -> RouteChoice {
    let groups = ports[port].groups
    guard !groups.isEmpty else { return .direct }
    guard let rule = matches.first(groups, head, path: path ?? head.routedPath, scratch) else { return .noRule }
    return choose(rule, port, draw)
  }

  /// The backend of a rule that `draw` falls to, by their weights.
  @inline(__always)
  func choose(_ rule: Int, _ port: Int, _ draw: UInt64) -> RouteChoice {
    let entries = rules[rule].backends
    if entries.isEmpty || rules[rule].redirect != nil {
      return .rule(rule, backend: Int32(truncatingIfNeeded: port), backendEntry: -1)
    }
    // The high half of the product is spread over 0..<total as evenly as `draw` is over its own range.
    var left = draw.multipliedFullWidth(by: rules[rule].totalWeight).high
    for entry in entries {
      let weight = UInt64(backends[entry].weight)
      guard left >= weight else {
        let backend = backends[entry].port
        return backend < 0
          ? .noBackend(rule: rule) : .rule(rule, backend: backend, backendEntry: Int32(truncatingIfNeeded: entry))
      }
      left -= weight
    }
    return .noBackend(rule: rule)
  }

  /// The faults for a request: the rule's, or of a request that no rule takes the service's.
  public func fault(_ choice: RouteChoice, port: Int) -> CompiledFault? {
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule): return rules[rule].fault
    case .direct:
      let index = ports[port].faultIndex
      return index == ServicePort.none ? nil : faults[Int(index)]
    case .noRule: return nil
    }
  }

  /// The limit that counts a request, as an index of `rateLimits`: the first whose conditions all hold, of those of the
  /// rule, or of a request that no rule takes those of the service. `source` is the client's address.
  public func rateLimit(
    _ choice: RouteChoice,
    port: Int,
    _ head: borrowing RequestHead,
    source: IPAddress,
    scratch: PatternScratch
  ) -> Int? {
    let range: Range<Int>
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule): range = rules[rule].rateLimits
    case .direct, .noRule: range = Int(ports[port].limits.lowerBound)..<Int(ports[port].limits.upperBound)
    }
    for index in range where !rateLimits[index].isDead && (rateLimits[index].source?.contains(source) ?? true) {
      if matches.holds(rateLimits[index].conditions, head, scratch) { return index }
    }
    return nil
  }
}
