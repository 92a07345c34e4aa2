/// BackendTrafficPolicies.
enum TrafficValidation {
  private typealias Words = SnapshotValidation

  static func check(_ policy: TrafficPolicy, _ place: String) throws(SnapshotError) {
    try Words.bound(policy.targets.count, SnapshotLimits.maxTrafficTerms, "\(place).targets")
    for (index, target) in policy.targets.enumerated() {
      switch target {
      case .service(let name), .route(let name), .grpcRoute(let name):
        guard LabelSyntax.isSubdomain(name) else {
          throw SnapshotError("\(place).targets[\(index)]", "\"\(name)\" is not a DNS subdomain")
        }
      case .host(let name):
        try Words.refuse(name, HTTPSyntax.hostnameProblem(name, mayBeWild: true), "\(place).targets[\(index)]")
      }
    }
    try UpstreamTLSValidation.check(policy, place)
    if let fault = policy.fault {
      try Words.range(fault.delay_ms, 0...SnapshotLimits.maxTime_ms, "\(place).fault.delay_ms")
      try Words.range(fault.delayPartsPerMillion, 0...1_000_000, "\(place).fault.delayPartsPerMillion")
      try Words.range(fault.abortStatus, 200...599, "\(place).fault.abortStatus")
      try Words.range(fault.abortPartsPerMillion, 0...1_000_000, "\(place).fault.abortPartsPerMillion")
    }
    try Words.bound(policy.rateLimits.count, SnapshotLimits.maxTrafficTerms, "\(place).rateLimits")
    for (index, limit) in policy.rateLimits.enumerated() {
      let place = "\(place).rateLimits[\(index)]"
      try RouteValidation.values(limit.headers, "\(place).headers")
      for header in limit.headers { try RouteValidation.lowerCase(header.name, "\(place).headers") }
      guard [1, 60, 3_600, 86_400].contains(limit.period_s) else {
        throw SnapshotError("\(place).period_s", "\(limit.period_s) is not a second, minute, hour or day")
      }
    }
  }
}
