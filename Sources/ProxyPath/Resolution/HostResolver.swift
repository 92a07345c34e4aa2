internal import DNS
internal import Glibc
internal import Kernel
internal import MeshModel
internal import Reactor

/// Asks the host's resolvers for the addresses of hosts that ServiceEntries name (`resolution: DNS`). The control thread's
/// own: workers see what comes of it as endpoints, and wait for nothing.
final class HostResolver {
  /// Whom to ask, as resolv.conf(5) says.
  let path: String
  private(set) var hosts = HostTable()
  private var table: ForwardTable?
  private var configuration: ResolverConfiguration?
  private var stamp: FileStamp?
  private var lookedAt_ms: UInt64?
  /// The sockets of tries, by their ids.
  private var sockets: [UInt16: Socket] = [:]
  /// What is asked, by the number that the table names it by.
  private var questions: [UInt64: (host: String, question: Question)] = [:]
  private var count: UInt64 = 0
  private var random = SystemRandomNumberGenerator()

  /// Between two looks at resolv.conf, in milliseconds.
  static let look_ms: UInt64 = 5_000

  /// One try: a port of its own to one server.
  private final class Socket {
    let descriptor: FileDescriptor
    let server: SocketAddress
    init(_ descriptor: consuming FileDescriptor, _ server: SocketAddress) {
      self.descriptor = descriptor
      self.server = server
    }
  }

  init(path: String) { self.path = path }

  /// What came of a turn, host by host.
  typealias News = [(host: String, change: HostTable.Change)]

  func want(_ names: Set<String>, now_ms: UInt64) { hosts.want(names, now_ms: now_ms) }

  /// Asks whom it is time to ask, and gives up on those who did not answer in time.
  func turn(now_ms: UInt64, loop: borrowing Epoll) -> News {
    var news: News = []
    if let due_ms = hosts.nextDue_ms, due_ms <= now_ms {
      look(now_ms)
      let types = Self.types(InterfaceAddresses.all)
      for host in hosts.takeDue(types, now_ms: now_ms) { ask(host, types, now_ms, loop, &news) }
    }
    if let due_ms = table?.nextDue_ms, due_ms <= now_ms {
      act(table?.tick(now_ms: now_ms, using: &random) ?? [], now_ms, loop, &news)
    }
    return news
  }

  /// Takes what has come to the socket of a try.
  func hear(_ id: UInt16, now_ms: UInt64, loop: borrowing Epoll) -> News {
    var news: News = []
    // What comes to one try is bounded by what its server may answer, and that by the kernel's buffer.
    while let socket = sockets[id] {
      let (outcome, bytes) = withUnsafeTemporaryAllocation(byteCount: DNSLimit.messageBytes, alignment: 8) { buffer in
        let outcome = socket.descriptor.receive(into: buffer)
        if case .bytes(let count) = outcome { return (outcome, Array(buffer[..<count])) }
        return (outcome, [])
      }
      switch outcome {
      case .wouldBlock: return news
      case .endOfStream: continue  // a message without a byte
      case .failed(let code):
        let reason = "does not answer (\(Self.text(code)))"
        act(table?.failed(id: id, reason, now_ms: now_ms, using: &random) ?? [], now_ms, loop, &news)
        return news
      case .bytes:
        let actions = table?.receive(bytes, from: socket.server, by: .udp, now_ms: now_ms, using: &random)
        act(actions ?? [], now_ms, loop, &news)
      }
    }
    return news
  }

  /// Milliseconds until `turn` has something to do; nil where it has nothing.
  func patience_ms(now_ms: UInt64) -> UInt64? {
    let due_ms = min(hosts.nextDue_ms ?? .max, table?.nextDue_ms ?? .max)
    return due_ms == .max ? nil : due_ms > now_ms ? due_ms - now_ms : 0
  }

  // MARK: Questions

  private func ask(
    _ host: String,
    _ types: Set<RecordType>,
    _ now_ms: UInt64,
    _ loop: borrowing Epoll,
    _ news: inout News
  ) {
    for type in types {
      guard let name = DomainName(host), table != nil else {
        note(host, type, .failed("\"\(host)\" is no name"), now_ms, &news)
        continue
      }
      count &+= 1
      let question = Question(name, type)
      questions[count] = (host, question)
      let query = ForwardQuery(question)
      act(table?.start(query, client: count, now_ms: now_ms, using: &random) ?? [], now_ms, loop, &news)
    }
  }

  private func act(
    _ actions: [ForwardTable.Action],
    _ now_ms: UInt64,
    _ loop: borrowing Epoll,
    _ news: inout News
  ) {
    // Each try that fails at once leads to the next, of which a question has `ResolverLimit.attempts` for each server.
    var actions = actions[...]
    while let action = actions.popFirst() {
      switch action {
      case .finished(let id): sockets[id] = nil
      case .reply(let bytes, let client):
        guard let (host, question) = questions.removeValue(forKey: client) else { continue }
        note(host, question.type, HostAnswer(bytes, to: question), now_ms, &news)
      case .send(let id, let bytes, let server, _):
        guard let reason = send(id, bytes, server, loop) else { continue }
        actions += table?.failed(id: id, reason, now_ms: now_ms, using: &random) ?? []
      }
    }
  }

  /// Why it could not be sent.
  private func send(_ id: UInt16, _ bytes: [UInt8], _ server: SocketAddress, _ loop: borrowing Epoll) -> String? {
    do throws(SystemError) {
      let socket = Socket(try FileDescriptor.datagrams(to: server), server)
      switch bytes.withUnsafeBytes({ socket.descriptor.transmit($0) }) {
      case .bytes: break
      case .wouldBlock: return "cannot be reached (the socket takes nothing)"
      case .failed(let code): return "cannot be reached (\(Self.text(code)))"
      }
      loop.add(socket.descriptor, .readable, token: Token(.resolver, index: UInt32(id)).rawValue)
      sockets[id] = socket
      return nil
    } catch {
      return "cannot be reached (\(Self.text(error.code)))"
    }
  }

  private func note(_ host: String, _ type: RecordType, _ answer: HostAnswer, _ now_ms: UInt64, _ news: inout News) {
    let change = hosts.take(answer, type, of: host, now_ms: now_ms)
    if change != .nothing { news.append((host, change)) }
  }

  /// Reads resolv.conf again where it has changed. Open questions are then asked anew, of whom it names now.
  private func look(_ now_ms: UInt64) {
    if let lookedAt_ms, now_ms < lookedAt_ms + Self.look_ms, table != nil { return }
    lookedAt_ms = now_ms
    let fresh = FileStamp(at: path)
    guard table == nil || fresh != stamp else { return }
    stamp = fresh
    // What cannot be read is as if it were not there, to begin with; later what it said before is better than nothing.
    let bytes = try? FileContents.read(path, limit: ResolverLimit.fileBytes)
    guard bytes != nil || table == nil else { return }
    let found = bytes.map { ResolverConfiguration($0, interfaceIndex: Self.interfaceIndex) } ?? ResolverConfiguration()
    guard found != configuration else { return }
    configuration = found
    table = ForwardTable(found, own: OwnAddresses(listeners: []))
    sockets = [:]
    questions = [:]
    hosts.forgetQuestions(now_ms: now_ms)
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func interfaceIndex(_ name: String) -> UInt32? {
    let index = UInt32(name) ?? if_nametoindex(name)
    return index == 0 ? nil : index
  }

  /// What is asked for: addresses of the families that this network namespace has some of itself, as getaddrinfo(3) does with
  /// AI_ADDRCONFIG; of both where it has none but loopback's.
  static func types(_ own: [IPAddress]) -> Set<RecordType> {
    let own = own.filter { !$0.isLoopback && !$0.isLinkLocalIPv6 }
    var types: Set<RecordType> = []
    if own.contains(where: \.isIPv4) { types.insert(.a) }
    if own.contains(where: { !$0.isIPv4 }) { types.insert(.aaaa) }
    return types.isEmpty ? [.a, .aaaa] : types
  }
}

extension Token.Kind {
  static let resolver = Token.Kind(25)
}
