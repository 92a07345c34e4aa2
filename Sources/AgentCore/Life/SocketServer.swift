internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import Glibc
internal import Kernel
internal import ServiceLifecycle

/// The agent's socket: gRPC for this host's proxies, workloads and operators.
///
/// Any user may connect, since any program may have an identity or register itself; who it is, each method asks the kernel.
struct SocketServer: ServiceLifecycle.Service {
  private let path: String
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let others: AsyncStream<Void>

  /// Bytes of one request: an `apply` of documents at their bound, and a little around it.
  static let requestBytes = 68 << 20

  /// A server that listens and does not answer yet. `others` ends once all else is there that a ready agent has.
  init(
    _ path: String,
    services: [any RegistrableRPCService],
    gate: CallerGate,
    others: AsyncStream<Void>
  ) throws {
    self.path = path
    self.others = others
    let listener = try UnixSocket.listen(at: path)
    chmod(path, 0o666)
    let callers = Callers()
    let transport = HTTP2ServerTransport.Posix(
      listeningSocketDescriptor: Int(listener.release()),
      transportSecurity: .plaintext,
      config: .defaults { config in
        config.channelDebuggingCallbacks = callers.callbacks(gate)
        config.rpc.maxRequestPayloadSize = Self.requestBytes
      }
    )
    server = GRPCServer(transport: transport, services: services, interceptors: [callers.interceptor])
  }

  /// Seconds for calls under way at the end. Proxies' streams never end by themselves, so they are closed after it; well
  /// under systemd's TimeoutStopSec.
  static let grace_s = 3

  private func serve() async throws {
    try await withGracefulShutdownHandler {
      try await server.serve()
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }

  func run() async throws {
    defer { UnixSocket.forget(path) }
    // Each says whether that was all.
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { [others] in
        for await _ in others {}
        if !Task.isCancelled, !Task.isShuttingDownGracefully { ServiceManager.notify("READY=1\nSTATUS=serving") }
        return false
      }
      group.addTask { [self] in
        do { try await serve() } catch { guard Task.isCancelled else { throw error } }
        return true
      }
      group.addTask {
        try? await gracefulShutdown()
        ServiceManager.notify("STOPPING=1\nSTATUS=stopping")
        try? await Task.sleep(for: .seconds(Self.grace_s))
        return true
      }
      while let isAll = try await group.next(), !isAll {}
      group.cancelAll()
    }
  }
}
