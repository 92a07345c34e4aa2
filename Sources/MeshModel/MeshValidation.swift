/// Holds all that speaks of requests to `SnapshotLimits` and to the rules of its documents, whoever made it.
enum MeshValidation {
  private typealias Words = SnapshotValidation

  static func check(_ mesh: MeshConfiguration) throws(SnapshotError) {
    try ServiceValidation.check(mesh.services)
    try each(mesh.routes, "mesh.routes", limit: SnapshotLimits.maxRoutes) { (route, place) throws(SnapshotError) in
      try RouteValidation.check(route, place)
    }
    try each(mesh.authorizations, "mesh.authorizations") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
      try AuthorizationValidation.check(policy, place)
    }
    try each(mesh.authentications, "mesh.authentications") { (document, place) throws(SnapshotError) in
      try Words.check(document.selector, "\(place).selector")
      try TokenValidation.check(document, place)
    }
    try each(mesh.peerAuthentications, "mesh.peerAuthentications") { (document, place) throws(SnapshotError) in
      try Words.check(document.selector, "\(place).selector")
      try PeerValidation.check(document, place)
    }
    try each(mesh.traffic, "mesh.traffic") { (policy, place) throws(SnapshotError) in
      try TrafficValidation.check(policy, place)
    }
    try each(mesh.telemetry, "mesh.telemetry") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
      try Words.range(policy.sampledPartsPerMillion, 0...1_000_000, "\(place).sampledPartsPerMillion")
    }
    try each(mesh.sidecars, "mesh.sidecars") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
    }
  }

  private static func each<Object: MeshObject>(
    _ objects: [Object],
    _ list: String,
    limit: Int = SnapshotLimits.maxPolicies,
    _ check: (Object, String) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    try Words.bound(objects.count, limit, list)
    for (index, object) in objects.enumerated() {
      let place = "\(list)[\(index)]"
      try Words.name(object, place)
      try check(object, place)
    }
  }
}
