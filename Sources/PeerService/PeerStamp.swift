internal import GRPCCore
internal import GRPCNIOTransportCore
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Writes into each request's header whose connection it came by, and takes away what the client wrote there itself: gRPC
/// tells services nothing of a connection that it did not make.
final class PeerStamp: ChannelInboundHandler, Sendable {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  static let field = "weft-peer"
  private let ends: PeerEnds?
  private let isRefused: Bool

  /// Of a stream of the connection between `ends`; a refused one is closed after its first frame. Before that, gRPC has
  /// not counted it, and takes its end for a fault of its own.
  init(_ ends: PeerEnds?, isRefused: Bool) {
    self.ends = ends
    self.isRefused = isRefused
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else {
      let channel = context.channel
      return channel.eventLoop.execute { channel.close(promise: nil) }
    }
    guard case .headers(var headers) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    headers.headers.remove(name: Self.field)
    if let ends { headers.headers.add(name: Self.field, value: ends.stamp) }
    context.fireChannelRead(wrapInboundOut(.headers(headers)))
  }

  /// What makes the stamp the context's peer.
  static var interceptor: StampInterceptor { StampInterceptor(field: field) { PeerEnds(stamp: $0) } }

  static var callbacks: HTTP2ServerTransport.Config.ChannelDebuggingCallbacks {
    HTTP2ServerTransport.Config.ChannelDebuggingCallbacks(
      onBindTCPListener: nil,
      onAcceptTCPConnection: nil,
      onAcceptHTTP2Stream: { stream in
        guard let parent = stream.parent else {
          return stream.eventLoop.makeFailedFuture(PeerError.hello("a stream without a connection"))
        }
        return parent.pipeline.handler(type: PeerConnection.self).hop(to: stream.eventLoop)
          .flatMapThrowing { connection in
            let stamp = PeerStamp(connection.ends, isRefused: !connection.opens(stream))
            try stream.pipeline.syncOperations.addHandler(stamp, position: .first)
          }
      }
    )
  }
}

extension PeerEnds: ServerContext.TransportSpecific {
  fileprivate var stamp: String { "\(host) \(Self.hex(ownLeaf)) \(Self.hex(peerLeaf))" }

  fileprivate init?(stamp: String) {
    let parts = stamp.split(separator: " ")
    guard parts.count == 3, let own = Self.bytes(parts[1]), let peer = Self.bytes(parts[2]) else { return nil }
    self.init(host: String(parts[0]), ownLeaf: own, peerLeaf: peer)
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ hex: Substring) -> [UInt8]? {
    guard hex.utf8.count == 64 else { return nil }
    let digits = hex.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    guard digits.count == 64 else { return nil }
    return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
