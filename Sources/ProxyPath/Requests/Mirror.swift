internal import Balancing
internal import HTTP1
internal import Kernel
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
    isWhole: Bool,
    of exchange: UnsafeMutablePointer<Exchange>,
    _ speech: UpstreamSpeech
  ) {
    guard isWhole else { return }
    for index in table.rules[rule].mirrors.indices {
      let mirror = table.rules[rule].mirrors[index]
      guard http.random.chance(partsPerMillion: mirror.partsPerMillion), mirror.port >= 0 else { continue }
      let cluster = http.clusters.cluster(of: Int(mirror.port), table, &http.targets, now_ns: now_ns)
      guard
        let target = http.clusters.pick(cluster, &http.targets, &http.random, now_ns: now_ns),
        case .opened(let slot) = openMirror(of: exchange, speech, to: target),
        let upstream = http.upstreams.pointer(slot)
      else { continue }
      // The copy says that nothing follows, so that the server ends the connection and no answer need be understood.
      let head = UnsafeRawBufferPointer(rebasing: bytes[..<(headCount - 2)])
      let end: StaticString = "Connection: close\r\n\r\n"
      let ending = UnsafeRawBufferPointer(start: end.utf8Start, count: end.utf8CodeUnitCount)
      // A stream takes a head whole or not at all: the copy goes out when all of it is here.
      let isWritable = upstream.pointee.side.isWritable
      upstream.pointee.side.isWritable = false
      _ = upstream.pointee.backlog.send(head, to: &upstream.pointee.side, &pool)
      _ = upstream.pointee.backlog.send(ending, to: &upstream.pointee.side, &pool)
      _ = upstream.pointee.backlog.send(
        UnsafeRawBufferPointer(rebasing: bytes[headCount...]),
        to: &upstream.pointee.side,
        &pool
      )
      upstream.pointee.side.isWritable = isWritable
      if isWritable { serveMirror(upstream, slot) }
    }
  }

  private func openMirror(
    of exchange: UnsafeMutablePointer<Exchange>,
    _ client: UpstreamSpeech,
    to target: UInt32
  ) -> DialResult {
    let speech = speech(client, exchange, to: target, isMirror: true)
    let result = openUpstream(target, .outbound, isSuspect: false, speech, for: exchange, isMirror: true)
    if case .opened(let slot) = result { http.upstreams.pointer(slot)?.pointee.isMirror = true }
    return result
  }

  /// Sends the rest of a copy, and reads and forgets what is answered until the server closes.
  func serveMirror(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    if case .failed(let code) = upstream.pointee.backlog.flush(to: &upstream.pointee.side, &pool) {
      return closeUpstream(slot, code: code)
    }
    var steps = RequestLimit.stepsPerTurn
    while upstream.pointee.side.isReadable, steps > 0 {
      steps -= 1
      switch upstream.pointee.side.receive(into: scratch) {
      case .bytes: continue
      case .wouldBlock: upstream.pointee.side.isReadable = false
      case .endOfStream: return closeUpstream(slot, code: 0)
      case .failed(let code): return closeUpstream(slot, code: code)
      }
    }
    // An answer that is longer than anyone mirrors for is cut off: nobody reads it.
    if upstream.pointee.side.isReadable { closeUpstream(slot, code: 0) }
  }
}
