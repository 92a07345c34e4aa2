internal import DNS
internal import MeshModel
internal import NIOCore

/// All that the name server holds besides the names, on one event loop: who waits, who is asked, and what was counted.
final class NameDesk {
  let loop: any EventLoop
  var counts = NameServiceCounts()
  private let names: SharedNames
  private var server: NameServer

  /// Clients whose question went on, by the number that the forwarding table knows them by.
  private var clients: [UInt64: WaitingClient] = [:]
  private var datagramClients: [DatagramClient: UInt64] = [:]
  private var lastClient: UInt64 = 0

  /// Who is asked; what waits for servers that are replaced goes on.
  private var forwarder: Forwarder?
  private var retired: [Forwarder] = []
  private var pastForwards = ForwardCounts()
  private var resolvers: ResolverSource
  private var own: OwnAddresses
  var forwardSockets = 0

  var streams: [ObjectIdentifier: StreamHandler] = [:]
  var connections = FairShares(places: NameServiceLimit.connections, most: NameServiceLimit.connectionsOfPod)
  private var listeners: [Listener] = []
  /// Listeners whose sockets others bound, by adoption.
  var adoptions: [UInt64: [Listener]] = [:]
  var lastAdoption: UInt64 = 0
  private(set) var isClosed = false
  private var end: EventLoopPromise<Void>?

  private struct WaitingClient {
    let client: NameClient
    let datagram: DatagramClient?
    var questions = 0
  }

  init(_ loop: any EventLoop, _ names: SharedNames, _ options: NameServerOptions) {
    self.loop = loop
    self.names = names
    server = NameServer(options.zone)
    resolvers = ResolverSource(options.resolvers)
    own = OwnAddresses(listeners: options.redirected, local: options.local)
  }

  static var now_ms: UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000_000 }

  /// Takes a message. The answer, where it is known at once.
  func receive(_ bytes: [UInt8], by transport: DNSTransport, from client: NameClient) -> Reply {
    var random = SystemRandomNumberGenerator()
    switch names.answer(bytes, by: transport, &server, rotation: random.next()) {
    case .reply(let reply), .refuse(let reply, _): return .now(reply)
    case .drop: return .none
    case .forward(let query):
      return forward(query, client) ? .later : .again
    }
  }

  /// What becomes of a message.
  enum Reply {
    case now([UInt8])
    /// The answer comes by `NameClient`, or came.
    case later
    /// The client asks again what it waits for, and is answered once.
    case again
    /// What came is no query.
    case none
  }

  // MARK: - Other names

  private func forward(_ query: ForwardQuery, _ client: NameClient) -> Bool {
    let number = number(of: client)
    clients[number]?.questions += 1
    let isTaken = currentForwarder().start(query, client: number, of: client.pod)
    if !isTaken { answered(number) }
    return isTaken
  }

  /// Who is asked now. Without any configuration it is what glibc takes then.
  private func currentForwarder() -> Forwarder {
    let changed = resolvers.configuration(now_ms: Self.now_ms)
    if changed != nil { counts.resolverReads += 1 }
    if changed == nil, let forwarder { return forwarder }
    if let old = forwarder {
      old.isRetired = true
      retired.append(old)
      finished(old)
    }
    let new = Forwarder(ForwardTable(changed ?? ResolverConfiguration(), own: own), self)
    forwarder = new
    return new
  }

  private func dropIfDone(_ old: Forwarder) -> Bool {
    guard old.table.count == 0 else { return false }
    pastForwards = pastForwards + old.table.counts
    return true
  }

  /// A forwarder whose servers were replaced has no question left.
  func finished(_ old: Forwarder) { retired.removeAll { $0 === old && dropIfDone($0) } }

  /// Answers a client whose question went on.
  func reply(_ bytes: [UInt8], to number: UInt64) {
    guard let waiting = clients[number] else { return }
    answered(number)
    switch waiting.client {
    case .datagram(let channel, let address, _): send(bytes, channel, address)
    case .stream(let handler): handler.reply(bytes)
    }
  }

  /// Sends an answer by UDP; it is dropped where the kernel has too many of them already.
  func send(_ bytes: [UInt8], _ channel: any Channel, _ address: NIOCore.SocketAddress, flush: Bool = true) {
    guard channel.isWritable else {
      counts.droppedReplies += 1
      return
    }
    let envelope = AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes))
    if flush { channel.writeAndFlush(envelope, promise: nil) } else { channel.write(envelope, promise: nil) }
  }

  private func number(of client: NameClient) -> UInt64 {
    switch client {
    case .datagram(let channel, let address, _):
      let key = DatagramClient(listener: ObjectIdentifier(channel), address: address)
      if let number = datagramClients[key] { return number }
      lastClient += 1
      datagramClients[key] = lastClient
      clients[lastClient] = WaitingClient(client: client, datagram: key)
      return lastClient
    case .stream(let handler):
      if let number = handler.number, clients[number] != nil { return number }
      lastClient += 1
      handler.number = lastClient
      clients[lastClient] = WaitingClient(client: client, datagram: nil)
      return lastClient
    }
  }

  private func answered(_ number: UInt64) {
    guard var waiting = clients[number] else { return }
    waiting.questions -= 1
    clients[number] = waiting.questions > 0 ? waiting : nil
    if waiting.questions <= 0, let key = waiting.datagram { datagramClients[key] = nil }
  }

  // MARK: - What it did

  /// The counts now.
  var currentCounts: NameServiceCounts {
    var counts = counts
    counts.queries = server.counts
    counts.forwarded = (retired + [forwarder].compactMap(\.self)).reduce(pastForwards) { $0 + $1.table.counts }
    counts.waiting = (retired + [forwarder].compactMap(\.self)).reduce(0) { $0 + $1.table.count }
    counts.connections = streams.count
    counts.adoptions = adoptions.count
    (counts.services, counts.leftOut) = names.sizes
    return counts
  }

  // MARK: - Beginning and end

  /// Answers what comes to `listeners`.
  func serve(_ listeners: [Listener]) {
    self.listeners = listeners
    own.listeners += listeners.map(\.address)
    for listener in listeners {
      listener.channel.closeFuture.assumeIsolated().whenComplete { _ in
        self.close(NameServiceError.listenerLost(listener.address, listener.transport))
      }
      listener.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { self.close($0) }
    }
  }

  /// Succeeds when it is closed, and fails when a listener is lost.
  func untilClosed() -> EventLoopFuture<Void> {
    if let end { return end.futureResult }
    let end = loop.makePromise(of: Void.self)
    if isClosed { end.succeed() } else { self.end = end }
    return end.futureResult
  }

  /// Closes all that is open; what waits is not answered any more.
  func close(_ error: (any Error)? = nil) {
    guard !isClosed else { return }
    isClosed = true
    let closed = listeners.map(\.channel.closeFuture)
    for listener in listeners { listener.channel.close(promise: nil) }
    for number in Array(adoptions.keys) { release(number) }
    for stream in streams.values { stream.close() }
    for forwarder in retired + [forwarder].compactMap(\.self) { forwarder.close() }
    (clients, datagramClients, listeners) = ([:], [:], [])
    guard let end else { return }
    // Only then can others have the ports.
    EventLoopFuture.andAllComplete(closed, on: loop).assumeIsolated().whenComplete { _ in
      if let error { end.fail(error) } else { end.succeed() }
    }
  }
}
