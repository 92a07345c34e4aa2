internal import GRPCCore
internal import GRPCNIOTransportCore
internal import Glibc
internal import Kernel
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Writes into each request's header who its connection belongs to, and takes away what the client wrote there itself.
///
/// gRPC tells services nothing of the connection; this handler stands first in the pipeline of every stream, where no
/// client can get past it.
final class CallerStamp: ChannelInboundHandler, Sendable {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  static let field = "weft-caller"
  private let caller: Caller?

  init(_ caller: Caller?) { self.caller = caller }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .headers(var headers) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    headers.headers.remove(name: Self.field)
    if let caller { headers.headers.add(name: Self.field, value: caller.stamp) }
    context.fireChannelRead(wrapInboundOut(.headers(headers)))
  }

  /// Stamps the streams of a Unix socket's connections.
  static var callbacks: HTTP2ServerTransport.Config.ChannelDebuggingCallbacks {
    HTTP2ServerTransport.Config.ChannelDebuggingCallbacks(
      onBindTCPListener: nil,
      onAcceptTCPConnection: nil,
      onAcceptHTTP2Stream: { stream in
        peer(of: stream).flatMapThrowing { caller in
          try stream.pipeline.syncOperations.addHandler(CallerStamp(caller), position: .first)
        }
      }
    )
  }

  /// The peer of the connection that a stream belongs to; nil where the kernel cannot tell.
  private static func peer(of stream: any Channel) -> EventLoopFuture<Caller?> {
    guard let options = stream.parent as? any SocketOptionProvider else {
      return stream.eventLoop.makeSucceededFuture(nil)
    }
    let found: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
      level: NIOBSDSocket.OptionLevel.socket,
      name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
    )
    return found.map { found -> Caller? in
      Caller(pid: found.pid, uid: found.uid, gid: found.gid, start: Caller.start(of: found.pid))
    }
    .flatMapErrorThrowing { _ -> Caller? in nil }
    .hop(to: stream.eventLoop)
  }
}

/// Makes the stamp the context's caller, where services find it.
struct CallerInterceptor: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    var context = context
    context.transportSpecific = request.metadata[stringValues: CallerStamp.field].first { _ in true }.flatMap(
      Caller.init(stamp:)
    )
    return try await next(request, context)
  }
}

extension Caller {
  fileprivate var stamp: String { "\(pid) \(uid) \(gid) \(start)" }

  fileprivate init?(stamp: String) {
    let parts = stamp.split(separator: " ")
    guard parts.count == 4, let pid = Int32(parts[0]), let uid = UInt32(parts[1]), let gid = UInt32(parts[2]),
      let start = UInt64(parts[3])
    else { return nil }
    self.init(pid: pid, uid: uid, gid: gid, start: start)
  }
}
