internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Sends a copy of a request to whoever the rule mirrors it to; nobody waits for the answer, and nothing is told of a
  /// failure. A request whose body is not here whole is not mirrored: its copy would have to be held for as long as the
  /// body comes.
  func mirror(
    _ bytes: UnsafeRawBufferPointer,
    _ headCount: Int,
    _ table: RequestTable,
    _ rule: Int,
    isWhole: Bool
  ) {
    guard isWhole else { return }
    for index in table.rules[rule].mirrors.indices {
      let mirror = table.rules[rule].mirrors[index]
      guard http.random.chance(partsPerMillion: mirror.partsPerMillion), mirror.port >= 0 else { continue }
      let cluster = http.clusters.cluster(of: Int(mirror.port), table, &http.targets, now_ns: now_ns)
      guard
        let target = http.clusters.pick(cluster, &http.targets, &http.random, now_ns: now_ns, excluding: nil),
        case .opened(let slot) = openUpstream(target, .outbound), let upstream = http.upstreams.pointer(slot)
      else { continue }
      upstream.pointee.phase = .connecting
      upstream.pointee.isMirror = true
      _ = upstream.pointee.backlog.send(bytes, to: &upstream.pointee.side, &pool)
    }
  }
}
