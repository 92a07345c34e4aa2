internal import DNS
internal import MeshModel
internal import NIOCore
internal import NIOPosix

/// One try: a message to one server from a port of its own, and what comes back.
final class ForwardSocket {
  let id: UInt16
  let server: MeshModel.SocketAddress
  let transport: DNSTransport
  private unowned let forwarder: Forwarder
  private var channel: (any Channel)?
  private var isOver = false
  fileprivate var stream = MessageStream()

  init(id: UInt16, server: MeshModel.SocketAddress, transport: DNSTransport, forwarder: Forwarder) {
    self.id = id
    self.server = server
    self.transport = transport
    self.forwarder = forwarder
  }

  /// Connects and sends. A UDP socket is connected too: the kernel draws its port by chance, takes messages of the server
  /// only, and tells of a port that nobody listens on.
  func send(_ bytes: [UInt8], on loop: any EventLoop) {
    let address = NIOCore.SocketAddress(server)
    let bound = NIOLoopBound(self, eventLoop: loop)
    let connected: EventLoopFuture<any Channel> =
      switch transport {
      case .udp:
        DatagramBootstrap(group: loop)
          .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DNSLimit.messageBytes))
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              let handler = ForwardHandler<AddressedEnvelope<ByteBuffer>>(bound.value) { socket, envelope in
                socket.received(Array(envelope.data.readableBytesView))
              }
              try channel.pipeline.syncOperations.addHandler(handler)
            }
          }
          .connect(to: address)
      case .tcp:
        ClientBootstrap(group: loop)
          .connectTimeout(.milliseconds(Int64(ForwardLimit.question_ms)))
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              let handler = ForwardHandler<ByteBuffer>(bound.value) { socket, buffer in
                for message in socket.stream.take(Array(buffer.readableBytesView)) { socket.received(message) }
              }
              try channel.pipeline.syncOperations.addHandler(handler)
            }
          }
          .connect(to: address)
      }
    connected.assumeIsolated().whenComplete { result in
      switch result {
      case .failure(let error): self.failed("cannot be reached (\(SocketReason(error)))")
      case .success(let channel):
        self.channel = channel
        guard !self.isOver else { return self.close() }
        self.write(bytes, channel, address)
      }
    }
  }

  private func write(_ bytes: [UInt8], _ channel: any Channel, _ address: NIOCore.SocketAddress) {
    switch transport {
    case .udp:
      channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes)), promise: nil)
    case .tcp: channel.writeAndFlush(ByteBuffer(bytes: MessageStream.framed(bytes)), promise: nil)
    }
  }

  func received(_ bytes: [UInt8]) { if !isOver { forwarder.received(bytes, self) } }

  func failed(_ reason: String) { if !isOver { forwarder.failed(self, reason) } }

  func close() {
    isOver = true
    channel?.close(promise: nil)
    channel = nil
  }
}

/// What comes to one try's socket.
private final class ForwardHandler<Inbound>: ChannelInboundHandler {
  typealias InboundIn = Inbound

  private let socket: ForwardSocket
  private let received: (ForwardSocket, Inbound) -> Void

  init(_ socket: ForwardSocket, _ received: @escaping (ForwardSocket, Inbound) -> Void) {
    self.socket = socket
    self.received = received
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { received(socket, unwrapInboundIn(data)) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // An ICMP message that nobody listens there, or a connection that was reset.
    socket.failed("does not answer (\(SocketReason(error)))")
  }

  func channelInactive(context: ChannelHandlerContext) { socket.failed("closed the connection") }
}
