internal import AgentLink
internal import Kernel
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// The proxy's stream of its own certificate (FetchX509SVID of the SPIFFE Workload API), on the control thread, over a
/// connection of its own to the agent's socket.
///
/// What came last is kept, in memory alone, until it expires: an agent that is gone costs nobody his identity. One that takes
/// it back on an open stream does; one that does not give it to a new stream may not see yet what the last one saw. What was
/// handed over by a proxy that this one replaces was never given to this process, and goes with the agent's first no.
final class IdentityStream {
  /// What a turn came to, for the workers and the journal.
  enum Outcome {
    /// Another certificate, or other roots.
    case given(MeshIdentity, others: [String])
    /// The agent gave this identity and says now that it is ours no more: why.
    case takenBack(String)
    /// There is none for this proxy, or none that it can use: why. Told once, until there is one.
    case refused(String)
  }

  private static let method = GRPCMethod(service: "SpiffeWorkloadAPI", name: "FetchX509SVID")
  /// Without it an agent refuses (SPIFFE Workload Endpoint section 3).
  private static let header = (name: "workload.spiffe.io", value: "true")

  let path: String
  let choice: IdentityChoice
  private(set) var current: MeshIdentity?
  /// When `current` came, in seconds since 1970.
  private(set) var given_s: Int64 = 0
  /// Certificates and bundles that were taken, and attempts that came to nothing.
  private(set) var renewals: UInt64 = 0
  private(set) var failures: UInt64 = 0
  /// Why there is none, or no newer one; nil while the stream stands.
  private(set) var lastProblem: String?
  /// Whether the agent has said something, so that nobody need wait for it.
  private(set) var hasAnswer = false
  private var connection: AgentConnection?
  private var call: GRPCCall?
  private var backoff: ReconnectBackoff
  private var retryAt_ms: UInt64 = 0
  private var isRefusalTold = false
  /// Whether this stream has brought an answer.
  private var isHeard = false
  /// Whether this stream has given the identity.
  private var hasGiven = false
  /// Whether `current` is of the proxy that this one replaces, and the agent has said nothing of it yet.
  private var isInherited = false

  init(path: String, choice: IdentityChoice) {
    self.path = path
    self.choice = choice
    backoff = ReconnectBackoff(seed: .random(in: .min ... .max))
  }

  /// Begins with the identity of the proxy that this one replaces, for which nobody need wait any more.
  func inherit(_ identity: MeshIdentity, now_s: Int64) {
    current = identity
    given_s = now_s
    isInherited = true
    hasAnswer = true
  }

  /// Milliseconds until `connectIfDue` has something to do; nil while there is a stream.
  func patience_ms(now_ms: UInt64) -> Int32? {
    guard call == nil else { return nil }
    return Int32(clamping: retryAt_ms > now_ms ? retryAt_ms - now_ms : 0)
  }

  /// Opens the stream where there is none and it is time.
  func connectIfDue(now_ms: UInt64, loop: borrowing Epoll, token: UInt64) -> Outcome? {
    guard call == nil, now_ms >= retryAt_ms else { return nil }
    do {
      var fresh = try AgentConnection(path: path)
      let started = try fresh.start(Self.method, metadata: [Self.header])
      try fresh.send(started, try X509SVIDRequest().serializedBytes())
      try fresh.finish(started)
      call = started
      connection = consume fresh
    } catch {
      return lose("\(error)", now_ms)
    }
    return flush(now_ms, loop, token)
  }

  /// Takes what came.
  func ready(now_ms: UInt64, now_s: Int64, loop: borrowing Epoll, token: UInt64) -> [Outcome] {
    connection?.ready(now_ms: now_ms)
    var outcomes: [Outcome] = []
    for event in connection?.takeEvents() ?? [] {
      switch event {
      case .message(_, let bytes):
        if let outcome = take(bytes, now_ms: now_ms, now_s: now_s) { outcomes.append(outcome) }
      case .ended(_, let status):
        if let outcome = end(status, now_ms) { outcomes.append(outcome) }
        return outcomes
      }
      // What was taken may have ended the stream.
      if call == nil { return outcomes }
    }
    if let outcome = flush(now_ms, loop, token) { outcomes.append(outcome) }
    return outcomes
  }

  // MARK: What the agent says

  private func take(_ bytes: [UInt8], now_ms: UInt64, now_s: Int64) -> Outcome? {
    guard let response = try? X509SVIDResponse(serializedBytes: bytes) else {
      return lose("the agent sent what is no X509SVIDResponse; is it of another version?", now_ms)
    }
    hasAnswer = true
    if !isHeard { backoff.connected(now_ms: now_ms) }
    isHeard = true
    switch choice.pick(response) {
    case .malformed(let reason): return refuse("the agent's answer cannot be used: \(reason)")
    case .missing(let others):
      let given = others.isEmpty ? "no identity" : IdentityChoice.list(others)
      return refuse("the agent gives \(given), and not \(choice.path); \(advice)", isFinal: true)
    case .found(let material, let others):
      hasGiven = true
      isInherited = false
      guard current?.isSame(as: material) != true else {
        lastProblem = nil
        return nil
      }
      do throws(IdentityFault) {
        let fresh = try MeshIdentity(material, after: current)
        current = fresh
        given_s = now_s
        renewals += 1
        lastProblem = nil
        isRefusalTold = false
        return .given(fresh, others: others)
      } catch { return refuse("\(error)") }
    }
  }

  /// What an operator can do about a proxy that has no identity.
  var advice: String {
    "to give it one, as root on this host: weft identity register --pod POD --namespace \(choice.namespace) "
      + "--service-account \(choice.serviceAccount), where POD is this pod's name for ip netns"
  }

  private func end(_ status: GRPCStatus, _ now_ms: UInt64) -> Outcome? {
    // A lost connection ends its calls as unavailable too; what the agent says itself is said over one that stands.
    let isSaid = status.code != .unavailable || connection?.takesCalls == true
    var outcome: Outcome?
    if status.code == .permissionDenied {
      hasAnswer = true
      outcome = refuse("\(status.message); \(advice)", isFinal: true)
    } else if isSaid, current == nil {
      outcome = refuse("the agent gives no certificate: \(status)")
    } else {
      note("the agent ended the stream: \(status)")
    }
    close(now_ms)
    return outcome
  }

  /// There is none for this proxy. `isFinal`: what was given on this stream is taken back by that.
  private func refuse(_ reason: String, isFinal: Bool = false) -> Outcome? {
    note(reason)
    let isTold = isRefusalTold
    isRefusalTold = true
    if isFinal, hasGiven || isInherited, current != nil {
      hasGiven = false
      isInherited = false
      current = nil
      return .takenBack(reason)
    }
    return isTold ? nil : .refused(reason)
  }

  private func note(_ reason: String) {
    failures += 1
    lastProblem = reason
  }

  // MARK: The connection

  private func flush(_ now_ms: UInt64, _ loop: borrowing Epoll, _ token: UInt64) -> Outcome? {
    guard connection != nil else { return nil }
    connection?.flush()
    if connection?.isOver == true { return lose(connection?.reason ?? "the connection ended", now_ms) }
    connection?.watch(by: loop, token: token)
    return nil
  }

  /// The stream is lost, which `AgentStream` tells of its own: whoever has an identity goes on with it.
  private func lose(_ reason: String, _ now_ms: UInt64) -> Outcome? {
    note(reason)
    close(now_ms)
    return nil
  }

  private func close(_ now_ms: UInt64) {
    connection = nil
    call = nil
    hasGiven = false
    isHeard = false
    retryAt_ms = now_ms + backoff.lost(now_ms: now_ms)
  }
}
