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
  private var sockets: [UInt16: ResolverSocket] = [:]
  /// What is asked, by the number that the table names it by.
  private var questions: [UInt64: (host: String, question: Question)] = [:]
  private var count: UInt64 = 0
  private var random = SystemRandomNumberGenerator()

  /// Between two looks at resolv.conf, in milliseconds.
  static let look_ms: UInt64 = 5_000

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

  /// The socket of a try reported: takes what has come to it.
  func hear(_ id: UInt16, now_ms: UInt64, loop: borrowing Epoll) -> News {
    var news: News = []
    // Another may have the try's id by now, and what was reported was the former's.
    guard let socket = sockets[id] else { return news }
    switch socket.hear(loop) {
    case .messages(let messages):
      for bytes in messages where sockets[id] === socket {
        let actions = table?.receive(bytes, from: socket.server, by: socket.transport, now_ms: now_ms, using: &random)
        act(actions ?? [], now_ms, loop, &news)
      }
    case .failed(let reason):
      act(table?.failed(id: id, reason, now_ms: now_ms, using: &random) ?? [], now_ms, loop, &news)
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
      case .send(let id, let bytes, let server, let transport):
        let token = Token(.resolver, index: UInt32(id)).rawValue
        do throws(ResolverSocketError) {
          sockets[id] = try ResolverSocket(bytes, to: server, by: transport, loop, token: token)
        } catch {
          actions += table?.failed(id: id, error.reason, now_ms: now_ms, using: &random) ?? []
        }
      }
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
