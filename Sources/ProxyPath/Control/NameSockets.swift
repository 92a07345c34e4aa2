internal import AgentLink
internal import Kernel
internal import MeshModel
internal import Reactor

/// The sockets to which capture redirects what the pod's programs ask for names: UDP and TCP of port 15053 on loopback.
///
/// They are bound here, since only a process in the pod can, and read by the host's agent, who gets copies over a socket of
/// its own (SCM_RIGHTS). The connection stays for as long as the agent shall serve them; when the agent is lost, the next
/// gets them. Meanwhile what programs ask waits in the kernel for a moment, and is refused here when no agent comes.
final class NameSockets {
  /// What a turn came to, for the journal.
  enum Outcome: Equatable {
    case nothing
    /// The agent answers.
    case served
    /// It does not, or no longer: why.
    case lost(String)
  }

  /// Where the agent takes them.
  let path: String
  /// Whether an agent answers.
  private(set) var isServed = false
  private let greeting: [UInt8]
  let sockets: [Socket]
  /// Addresses that others have, such as an agent in this network namespace: they answer there.
  let taken: [SocketAddress]
  private(set) var link: Socket?
  /// From when on what programs ask is refused, while there is no agent.
  var refuseAt_ms: UInt64 = 0
  /// Whether the sockets are watched for what is to be refused.
  var isRefusing = false
  /// Questions and connections that were refused.
  var refused: UInt64 = 0
  private var answer: [UInt8] = []
  private var backoff = ReconnectBackoff(seed: .random(in: .min ... .max))
  private var retryAt_ms: UInt64 = 0
  /// Whether it was told that no agent answers; it is told once.
  private var isLossTold = false

  /// What the agent says at most: a word, or a refusal with its reason.
  private static let answer_bytes = 512
  /// One socket of each transport and family.
  /// Bytes of the word that comes with them.
  private static let offerBytes = 1 << 10
  private static let mostSockets = 4

  /// Holds what an array cannot.
  final class Socket {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    var raw: Int32 { descriptor.raw }
  }

  /// Binds the sockets, or takes over those of the proxy that this one replaces. Throws where others have the port on all
  /// addresses.
  init(_ settings: ProxySettings, agentPath: String, now_ms: UInt64) throws(SystemError) {
    path = Self.path(beside: agentPath)
    greeting = Array("names 1 \(settings.name)\n".utf8)
    let inherited = settings.replacesRunning ? Self.inherit(from: settings.adminPath) : []
    (sockets, taken) = try inherited.isEmpty ? Self.bind() : (inherited, [])
    refuseAt_ms = now_ms + Self.agentPatience_ms
  }

  /// The agent's sockets stand side by side.
  static func path(beside agentPath: String) -> String {
    guard let slash = agentPath.lastIndex(of: "/") else { return "names.sock" }
    return agentPath[...slash] + "names.sock"
  }

  private static func bind() throws(SystemError) -> (sockets: [Socket], taken: [SocketAddress]) {
    var (sockets, taken): ([Socket], [SocketAddress]) = ([], [])
    var failure: SystemError?
    // Where REDIRECT leads to; nobody else may reach the agent by the pod.
    for ip in [IPAddress(v4: 0x7f00_0001), IPAddress(high: 0, low: 1)] {
      let address = SocketAddress(ip, port: ProxySettings.namesPort)
      do {
        let datagrams = try FileDescriptor.datagrams(on: address)
        let streams = try FileDescriptor.listener(on: address, shared: false)
        sockets += [Socket(datagrams), Socket(streams)]
      } catch {
        guard error.isFamilyMissing || error.isAddressInUse else { throw error }
        if error.isAddressInUse { taken.append(address) }
        if failure == nil || error.isAddressInUse { failure = error }
      }
    }
    if sockets.isEmpty, let failure { throw failure }
    return (sockets, taken)
  }

  // MARK: The agent

  /// Milliseconds until `connectIfDue` or `refuseIfDue` has something to do; nil while there is a connection.
  func patience_ms(now_ms: UInt64) -> Int32? {
    guard link == nil else { return nil }
    let due_ms = isRefusing ? retryAt_ms : min(retryAt_ms, refuseAt_ms)
    return Int32(clamping: due_ms > now_ms ? due_ms - now_ms : 0)
  }

  /// Hands copies over where no agent has them and it is time.
  func connectIfDue(now_ms: UInt64, loop: borrowing Epoll, token: UInt64) -> Outcome {
    guard link == nil, now_ms >= retryAt_ms else { return .nothing }
    do {
      let fresh = Socket(try UnixSocket.connectWithoutWaiting(to: path))
      do { try UnixSocket.send(greeting, descriptors: sockets.map(\.raw), to: fresh.descriptor) } catch {
        // Who is not welcome is told so and left: the reason is worth more than that the connection broke.
        guard fresh.descriptor.hasUnreadBytes() else { throw error }
      }
      // From now on the agent may read: what comes is its.
      stopRefusing(loop)
      loop.add(fresh.descriptor, .readable, token: token)
      link = fresh
      return .nothing
    } catch {
      return lose("\(error)", now_ms)
    }
  }

  /// Takes what the agent says.
  func ready(now_ms: UInt64) -> Outcome {
    guard let link else { return .nothing }
    let outcome = withUnsafeTemporaryAllocation(byteCount: Self.answer_bytes, alignment: 8) { buffer in
      let outcome = link.descriptor.receive(into: buffer)
      if case .bytes(let count) = outcome { answer.append(contentsOf: buffer[..<count]) }
      return outcome
    }
    switch outcome {
    case .wouldBlock: return .nothing
    case .failed(let code): return lose("\(SystemError("recv", path, code: code))", now_ms)
    case .endOfStream: return lose("the agent ended the connection", now_ms)
    case .bytes: break
    }
    guard answer.contains(UInt8(ascii: "\n")) else {
      return answer.count < Self.answer_bytes ? .nothing : lose("the agent says what is no answer", now_ms)
    }
    let line = String(decoding: answer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    answer = []
    guard line == "served" else { return lose("the agent says: \(line)", now_ms) }
    isServed = true
    isLossTold = false
    backoff.connected(now_ms: now_ms)
    return .served
  }

  private func lose(_ reason: String, _ now_ms: UInt64) -> Outcome {
    if isServed { refuseAt_ms = now_ms + Self.agentPatience_ms }
    link = nil
    answer = []
    isServed = false
    retryAt_ms = now_ms + backoff.lost(now_ms: now_ms)
    guard !isLossTold else { return .nothing }
    isLossTold = true
    return .lost(reason)
  }

  // MARK: The proxy that replaces this one

  /// Sends copies to who asked over the admin socket.
  func offer(to socket: borrowing FileDescriptor) throws(SystemError) {
    try UnixSocket.send(Array("names\n".utf8), descriptors: sockets.map(\.raw), to: socket)
  }

  /// Those of the running proxy; none where it has none, or is of a release that knows of none.
  private static func inherit(from adminPath: String) -> [Socket] {
    guard let socket = try? UnixSocket.connect(to: adminPath) else { return [] }
    let question = Array("GET /v1/names HTTP/1.1\r\n\r\n".utf8)
    guard case .bytes = question.withUnsafeBytes({ socket.transmit($0) }),
      socket.waitReadable(timeout_ms: Handover.timeout_ms),
      let message = try? UnixSocket.receive(limit: offerBytes, from: socket)
    else { return [] }
    let sockets = message.descriptors.map { Socket(FileDescriptor(owning: $0)) }
    return sockets.count <= mostSockets ? sockets : []
  }
}
