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
  let counts: PeerCounts
  let loops: MultiThreadedEventLoopGroup

  var eventLoopGroup: any EventLoopGroup { loops }

  func makeListeningChannel(
    listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
    connectionConfigurator: HTTP2ServerTransport.ConnectionConfigurator
  ) async throws -> NIOAsyncChannel<HTTP2ServerTransport.ConnectionConfigurator.ConnectionChannel, Never> {
    let (trust, counts) = (trust, counts)
    return try await ServerBootstrap(group: loops)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
      .bind(host: "\(address.ip)", port: Int(address.port)) { channel in
        channel.eventLoop.makeCompletedFuture {
          let now = trust.now
          let connection = PeerConnection(ownLeaf: now.leaf)
          let tls = NIOSSLServerHandler(context: now.serverContext) { chain, verdict in
            do {
              try connection.judge(chain, now.verifier)
              verdict.succeed(.certificateVerified)
            } catch {
              counts.count("certificates_refused")
              verdict.succeed(.failed)
            }
          }
          try channel.pipeline.syncOperations.addHandler(tls)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
        .flatMap { connectionConfigurator.configure(channel: channel, tls: .configured(requireALPN: true)) }
      }
  }
}
