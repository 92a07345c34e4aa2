internal import GRPCNIOTransportCore
internal import MeshModel
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Listens for other agents. Each connection is made with the certificate and the bundle of its moment, so renewals need
/// no new listener.
struct PeerListener: HTTP2ServerTransport.ListenerFactory {
  let address: MeshModel.SocketAddress
  let trust: PeerTrust
  let gate: PeerGate
  let loops: MultiThreadedEventLoopGroup

  var eventLoopGroup: any EventLoopGroup { loops }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    let (trust, gate) = (trust, gate)
    return try await ServerBootstrap(group: loops)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(host: "\(address.ip)", port: Int(address.port)) { channel in
        guard let ip = channel.remoteAddress?.ipAddress.flatMap(IPAddress.init), gate.enters(ip) else {
          // NIO leaves a connection whose initializer fails to it.
          channel.close(promise: nil)
          return channel.eventLoop.makeFailedFuture(ChannelError.eof)
        }
        let connection = PeerConnection(ip, shown: trust.now, trust: trust, gate: gate)
        return channel.eventLoop.makeCompletedFuture { try Self.secure(channel, connection) }
          .flatMap { connectionConfigurator.configure(channel: channel, tls: .configured(requireALPN: true)) }
          .flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
          }
      }
  }

  private static func secure(_ channel: any Channel, _ connection: PeerConnection) throws {
    let tls = NIOSSLServerHandler(context: connection.shown.serverContext) { chain, verdict in
      do {
        try connection.judge(chain)
        verdict.succeed(.certificateVerified)
      } catch {
        connection.refused(error)
        verdict.succeed(.failed)
      }
    }
    try channel.pipeline.syncOperations.addHandlers(tls, connection)
  }
}
