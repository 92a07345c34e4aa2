import Replication

/// Any bytes as a message of a peer: refused, or a message with that very encoding, which a replica takes without harm.
///
/// The keyring lets everything pass, so that what comes behind the signatures is reached.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let message = try? Message(decoding: bytes) else { return 0 }
  precondition(message.encoded() == bytes && message.encodedCount == count)
  var replica = standing
  for directive in replica.receive(message, from: peer, now: now) + replica.tick(later) {
    guard case .send(let answer, _) = directive else { continue }
    precondition(answer.encodedCount <= ReplicationLimits.messageBytes)
    let encoded = answer.encoded()
    precondition((try? Message(decoding: encoded)) == answer)
  }
  return 0
}

private struct Credulous: Keyring {
  func admits(_ owner: OwnerID, credential: [UInt8]) -> Bool { true }
  func verify(_ signature: [UInt8], of message: [UInt8], by owner: OwnerID, credential: [UInt8]) -> Bool { true }
  func sign(_ message: [UInt8]) -> [UInt8]? { [1] }
  func hash(_ bytes: [UInt8]) -> SetDigest { SetDigest(value: UInt128(bytes.count)) }
}

private let now = Moment(monotonic_ms: 1_000_000, wall_ms: 1_795_600_000_000)
private let later = Moment(monotonic_ms: 1_100_000, wall_ms: 1_795_600_100_000)
private let peer = host(2)

/// A replica that holds its own records and those of a peer, which the seeds are about.
private let standing: Replica = {
  var own = replica(host(1))
  var other = replica(peer)
  for directive in write(&other) {
    if case .send(let message, _) = directive { _ = own.receive(message, from: peer, now: now) }
  }
  _ = write(&own)
  return own
}()

private func replica(_ owner: OwnerID) -> Replica {
  var replica = Replica(owner: owner, credential: [1], keyring: Credulous(), seed: 1, restoring: [], now: now)
  for other in 1...3 { _ = replica.memberUp(host(UInt8(other))) }
  return replica
}

private func write(_ replica: inout Replica) -> [Directive] {
  let writes = [
    Write(RecordKey(kind: .endpoints, namespace: "a", name: "b"), .bound, [1]),
    Write(RecordKey(kind: .policy, namespace: "a", name: "b"), .lasting, [2]),
    Write(RecordKey(kind: .policy, namespace: "a", name: "c"), .lasting, nil),
  ]
  guard let directives = try? replica.write(writes, now: now) else { preconditionFailure("a write was refused") }
  return directives
}

private func host(_ number: UInt8) -> OwnerID {
  guard let key = KeyFingerprint([UInt8](repeating: number, count: 32)) else {
    preconditionFailure("32 bytes are a key")
  }
  return OwnerID(name: "h\(number)", key: key)
}
