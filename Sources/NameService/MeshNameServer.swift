public import DNS
public import MeshModel
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
internal import Synchronization

/// The agent's name server on UDP and TCP.
///
/// All sockets live on one event loop: an answer takes some microseconds, and nothing is shared but the names.
public final class MeshNameServer: ServiceLifecycle.Service {
  private let options: NameServerOptions
  let loop: any EventLoop
  private let names: SharedNames
  private let state = Mutex(State.idle)

  private enum State {
    case idle
    case starting
    case listening(NIOLoopBound<NameDesk>, [MeshModel.SocketAddress])
    case closed
  }

  /// A server that does not listen yet. `names` is what it answers from at first.
  public init(
    _ options: NameServerOptions,
    names: NameTable = NameTable(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.options = options
    self.names = SharedNames(names)
    loop = group.any()
  }

  /// Changes the names, or takes others; answers that begin after this returns know of it. Safe from any task, and a
  /// change of one service costs some microseconds (`NameTable.put`, `NameTable.remove`).
  public func update<Result: Sendable>(_ body: (inout NameTable) -> Result) -> Result { names.update(body) }

  /// Where it listens, with the ports that were given for 0; empty while it does not.
  public var addresses: [MeshModel.SocketAddress] {
    state.withLock { if case .listening(_, let addresses) = $0 { addresses } else { [] } }
  }

  /// Nil while it does not listen.
  var desk: NIOLoopBound<NameDesk>? {
    state.withLock { if case .listening(let desk, _) = $0 { desk } else { nil } }
  }

  /// What it did so far.
  public func counts() async -> NameServiceCounts {
    guard let desk else { return NameServiceCounts() }
    let counts = try? await loop.submit { desk.value.currentCounts }.get()
    return counts ?? NameServiceCounts()
  }

  /// Listens, if it does not yet: on the addresses of its options, or on these. Questions are answered from now on.
  ///
  /// Without an address it answers only what comes to sockets that it is given (`adopt`).
  public func listen(on addresses: [MeshModel.SocketAddress]? = nil) async throws {
    let isIdle = try state.withLock { state in
      switch state {
      case .idle: state = .starting
      case .starting, .closed: throw NameServiceError.closed
      case .listening: return false
      }
      return true
    }
    guard isIdle else { return }
    let (loop, names, options) = (loop, names, options)
    let desk = try await loop.submit {
      NIOLoopBound(NameDesk(loop, names, options), eventLoop: loop)
    }.get()
    var listeners: [Listener] = []
    do {
      for address in addresses ?? options.listeners { listeners += try await Listener.bind(address, for: desk) }
      let bound = listeners
      let isTaken = state.withLock { state in
        guard case .starting = state else { return false }
        state = .listening(desk, bound.filter { $0.transport == .udp }.map(\.address))
        return true
      }
      guard isTaken else { throw NameServiceError.closed }
      try await loop.submit { desk.value.serve(bound) }.get()
    } catch {
      for listener in listeners { try? await listener.channel.close() }
      state.withLock { if case .starting = $0 { $0 = .idle } }
      throw error
    }
  }

  /// Serves until the group is shut down or the task is cancelled.
  public func run() async throws {
    try await listen()
    guard let desk else { return }
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await loop.flatSubmit { desk.value.untilClosed() }.get()
    } onCancelOrGracefulShutdown: {
      self.close()
    }
  }

  /// Closes all sockets, for good.
  public func close() {
    let desk: NIOLoopBound<NameDesk>? = state.withLock { state in
      defer { state = .closed }
      if case .listening(let desk, _) = state { return desk }
      return nil
    }
    if let desk { loop.execute { desk.value.close() } }
  }
}
