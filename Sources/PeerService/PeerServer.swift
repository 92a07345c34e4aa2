internal import GRPCCore
internal import GRPCNIOTransportCore
public import Logging
public import MeshModel
public import NIOPosix

/// This host's port for other agents: gRPC over TLS 1.3.
public final class PeerServer: Sendable {
  private let transport: HTTP2ServerTransport.Custom<PeerListener>
  private let server: GRPCServer<HTTP2ServerTransport.Custom<PeerListener>>
  /// What others asked, and what was refused them.
  public let counts: PeerCounts

  /// A server that does not listen yet.
  public convenience init(
    _ address: MeshModel.SocketAddress,
    trust: PeerTrust,
    handler: any PeerHandler,
    counts: PeerCounts = PeerCounts(),
    log: Logger = Logger(label: "weft-peers"),
    loops: MultiThreadedEventLoopGroup = .singletonMultiThreadedEventLoopGroup
  ) {
    self.init(address, trust: trust, handler: handler, counts: counts, log: log, loops: loops, bounds: PeerBounds())
  }

  init(
    _ address: MeshModel.SocketAddress,
    trust: PeerTrust,
    handler: any PeerHandler,
    counts: PeerCounts,
    log: Logger,
    loops: MultiThreadedEventLoopGroup,
    bounds: PeerBounds
  ) {
    self.counts = counts
    var config = HTTP2ServerTransport.Custom<PeerListener>.Config.defaults
    config.channelDebuggingCallbacks = PeerStamp.callbacks
    config.rpc.maxRequestPayloadSize = PeerLimit.requestBytes
    config.connection.keepalive.time = .seconds(20)
    config.connection.keepalive.timeout = .seconds(5)
    config.connection.keepalive.clientBehavior.allowWithoutCalls = true
    config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .seconds(5)
    let gate = PeerGate(bounds, counts: counts, log: PacedLog(log))
    transport = HTTP2ServerTransport.Custom(
      listenerFactory: PeerListener(address: address, trust: trust, gate: gate, loops: loops),
      config: config
    )
    let methods = PeerMethods(trust: trust, handler: handler, counts: counts, log: gate.log)
    server = GRPCServer(transport: transport, services: [methods], interceptors: [PeerStamp.interceptor])
  }

  /// Serves until `stop`, or until the task is cancelled.
  public func run() async throws {
    // Cancelled in the midst of an accept, NIO ends the process: a connection that waits to be taken is then let go
    // unfinished. So the port is closed first, and only what is open after that is cancelled.
    let serving = Task { [server] in try await server.serve() }
    try await withTaskCancellationHandler {
      try await serving.value
    } onCancel: { [server] in
      server.beginGracefulShutdown()
      Task {
        try? await Task.sleep(for: .milliseconds(PeerLimit.farewell_ms))
        serving.cancel()
      }
    }
  }

  /// Ends `run` once what is being answered is answered.
  public func stop() { server.beginGracefulShutdown() }

  /// Where it listens, once it does; nil where it ended before.
  public var port: UInt16? {
    get async {
      guard let address = await transport.listeningAddress else { return nil }
      return (address.ipv4?.port ?? address.ipv6?.port).flatMap { UInt16(exactly: $0) }
    }
  }
}
