internal import DNS
internal import MeshModel
internal import NIOCore
internal import NIOPosix

/// One listening socket. It reads nothing until `NameDesk.serve`.
struct Listener: Sendable {
  let address: MeshModel.SocketAddress
  let transport: DNSTransport
  let channel: any Channel

  /// Listens on `address` by UDP and TCP.
  static func bind(_ address: MeshModel.SocketAddress, for desk: NIOLoopBound<NameDesk>) async throws -> [Listener] {
    guard !address.ip.isUnspecified else { throw NameServiceError.unspecifiedAddress(address) }
    for _ in 1..<NameServiceLimit.portDraws where address.port == 0 {
      if let pair = try? await pair(address, for: desk) { return pair }
    }
    return try await pair(address, for: desk)
  }

  private static func pair(_ address: MeshModel.SocketAddress, for desk: NIOLoopBound<NameDesk>) async throws
    -> [Listener]
  {
    let datagrams = try await datagrams(address, for: desk)
    do {
      return [datagrams, try await streams(datagrams.address, for: desk)]
    } catch {
      try? await datagrams.channel.close()
      throw error
    }
  }

  /// Listens on a socket of `pod` that is bound already, and owns it from now on.
  static func adopt(_ socket: BoundSocket, of pod: NamesPod, for desk: NIOLoopBound<NameDesk>) async throws -> Listener
  {
    let (datagrams, streams) = (datagramBootstrap(desk, of: pod), streamBootstrap(desk, of: pod))
    return try await listener(socket.address, socket.transport) {
      switch socket.transport {
      case .udp: try await datagrams.withBoundSocket(socket.descriptor).get()
      case .tcp: try await streams.withBoundSocket(socket.descriptor).get()
      }
    }
  }

  private static func datagrams(_ address: MeshModel.SocketAddress, for desk: NIOLoopBound<NameDesk>) async throws
    -> Listener
  {
    let bootstrap = datagramBootstrap(desk, of: .host)
    return try await listener(address, .udp) { try await bootstrap.bind(to: NIOCore.SocketAddress(address)).get() }
  }

  private static func datagramBootstrap(_ desk: NIOLoopBound<NameDesk>, of pod: NamesPod) -> DatagramBootstrap {
    let bytes = NameServiceLimit.datagramBytes * NameServiceLimit.datagramsPerRead
    return DatagramBootstrap(group: desk.eventLoop)
      .channelOption(.autoRead, value: false)
      .channelOption(.datagramVectorReadMessageCount, value: NameServiceLimit.datagramsPerRead)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: bytes))
      .channelOption(.socketOption(.so_rcvbuf), value: NameServiceLimit.receiveBufferBytes)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(desk.value, of: pod))
        }
      }
  }

  private static func streams(_ address: MeshModel.SocketAddress, for desk: NIOLoopBound<NameDesk>) async throws
    -> Listener
  {
    let bootstrap = streamBootstrap(desk, of: .host)
    return try await listener(address, .tcp) { try await bootstrap.bind(to: NIOCore.SocketAddress(address)).get() }
  }

  private static func streamBootstrap(_ desk: NIOLoopBound<NameDesk>, of pod: NamesPod) -> ServerBootstrap {
    ServerBootstrap(group: desk.eventLoop)
      .serverChannelOption(.autoRead, value: false)
      .serverChannelOption(.backlog, value: NameServiceLimit.backlog)
      // Connections of a former agent may still be in TIME_WAIT.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: NameServiceLimit.streamBytes)
      )
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(StreamHandler(desk.value, of: pod))
        }
      }
  }

  private static func listener(
    _ address: MeshModel.SocketAddress,
    _ transport: DNSTransport,
    _ bind: () async throws -> any Channel
  ) async throws -> Listener {
    do {
      let channel = try await bind()
      let bound = channel.localAddress.flatMap { MeshModel.SocketAddress($0) }
      return Listener(address: bound ?? address, transport: transport, channel: channel)
    } catch {
      throw NameServiceError.cannotListen(address, transport, reason: SocketReason(error).description)
    }
  }
}
