internal import DNS
internal import NIOCore

/// Queries that come to one address by UDP.
final class DatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let desk: NameDesk
  private let pod: NamesPod

  /// Whoever asks there is a program of `pod`.
  init(_ desk: NameDesk, of pod: NamesPod) {
    self.desk = desk
    self.pod = pod
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let client = NameClient.datagram(context.channel, envelope.remoteAddress, of: pod)
    let reply = desk.receive(Array(envelope.data.readableBytesView), by: .udp, from: client)
    if case .now(let bytes) = reply { desk.send(bytes, context.channel, envelope.remoteAddress, flush: false) }
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

  /// The kernel tells of answers that nobody took; the next query is another matter.
  func errorCaught(context: ChannelHandlerContext, error: any Error) { desk.counts.socketErrors += 1 }
}
