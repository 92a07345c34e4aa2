internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Counts a bounded user's bytes on one stream as they come, before gRPC keeps them, and refuses the call with RESOURCE_EXHAUSTED where
/// there is no room. They are given back when the call is over.
///
/// A proxy's stream of discovery, which any user may open, has no end, so there bytes are given back once their message is whole.
final class RequestBound: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  /// The only method whose client sends message after message.
  private static let endless = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
  /// gRPC's status for what there is no room for (google.rpc.Code).
  private static let exhausted = "8"

  private let gate: CallerGate
  private let uid: UInt32
  private var held = 0
  private var isEndless = false
  private var border = MessageBorder()
  private var isRefused = false

  init(_ gate: CallerGate, uid: UInt32) {
    self.gate = gate
    self.uid = uid
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    switch unwrapInboundIn(data) {
    case .headers(let headers): isEndless = headers.headers.first(name: ":path") == Self.endless
    case .data(let frame):
      let count = frame.data.readableBytes
      if let why = gate.takes(count, of: uid) { return refuse(context, why) }
      held += count
      if isEndless, case .byteBuffer(let bytes) = frame.data, border.isReached(after: bytes) { giveBack() }
    default: break
    }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    giveBack()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { giveBack() }

  private func giveBack() {
    gate.gives(held, of: uid)
    held = 0
  }

  private func refuse(_ context: ChannelHandlerContext, _ why: String) {
    isRefused = true
    let trailers: HPACKHeaders = [
      ":status": "200", "content-type": "application/grpc", "grpc-status": Self.exhausted, "grpc-message": why,
    ]
    let payload = HTTP2Frame.FramePayload.headers(.init(headers: trailers, endStream: true))
    let stream = context.channel
    context.writeAndFlush(wrapOutboundOut(payload)).whenComplete { _ in stream.close(promise: nil) }
  }
}
