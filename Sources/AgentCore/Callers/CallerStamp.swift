internal import GRPCCore
internal import GRPCNIOTransportCore
internal import Kernel
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import PeerService

/// Writes into each request's header whose connection it came by, and takes away what the client wrote there itself.
///
/// gRPC tells services nothing of the connection; this handler stands first in the pipeline of every stream, where no
/// client can get past it.
final class CallerStamp: ChannelInboundHandler, Sendable {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  static let field = "weft-caller"
  private let number: UInt64?

  /// Nil where the kernel could not tell who it is.
  init(_ number: UInt64?) { self.number = number }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .headers(var headers) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    headers.headers.remove(name: Self.field)
    if let number { headers.headers.add(name: Self.field, value: "\(number)") }
    context.fireChannelRead(wrapInboundOut(.headers(headers)))
  }
}

/// Keeps in a connection's pipeline the number that its streams are stamped with.
private final class ConnectionCaller: ChannelInboundHandler, Sendable {
  typealias InboundIn = Never
  let number: UInt64
  let uid: UInt32

  init(_ number: UInt64, uid: UInt32) { (self.number, self.uid) = (number, uid) }
}

extension Callers {
  /// Asks the kernel about each connection as it is accepted, and stamps its streams. `gate` bounds what their users hold.
  func callbacks(_ gate: CallerGate) -> HTTP2ServerTransport.Config.ChannelDebuggingCallbacks {
    HTTP2ServerTransport.Config.ChannelDebuggingCallbacks(
      onBindTCPListener: nil,
      onAcceptTCPConnection: { [self] connection in
        connection.eventLoop.makeCompletedFuture { try meet(connection, gate) }
      },
      onAcceptHTTP2Stream: { stream in
        stream.eventLoop.makeCompletedFuture {
          let known = try? stream.parent?.pipeline.syncOperations.handler(type: ConnectionCaller.self)
          try stream.pipeline.syncOperations.addHandler(CallerStamp(known?.number), position: .first)
          guard let uid = known?.uid, gate.isBounded(uid) else { return }
          try stream.pipeline.syncOperations.addHandler(RequestBound(gate, uid: uid), position: .first)
        }
      }
    )
  }

  /// What makes the caller behind the stamp the context's.
  var interceptor: StampInterceptor {
    StampInterceptor(field: CallerStamp.field) { [self] stamp in UInt64(stamp).flatMap { self[$0] } }
  }

  /// Where the kernel does not say who connected, the connection stays nobody's and its requests are refused.
  private func meet(_ connection: any Channel, _ gate: CallerGate) throws {
    let caller = try? connection.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
      let found = try PeerCredentials(ofSocket: $0)
      return Caller(uid: found.uid, gid: found.gid, process: PeerProcess(pid: found.pid, ofSocket: $0))
    }
    guard let caller else { return }
    guard gate.enters(caller.uid) else {
      // NIO leaves a connection whose initializer fails to it.
      connection.close(promise: nil)
      throw ChannelError.eof
    }
    let number = add(caller)
    connection.closeFuture.whenComplete { [self] _ in
      remove(number)
      gate.left(caller.uid)
    }
    try connection.pipeline.syncOperations.addHandler(ConnectionCaller(number, uid: caller.uid))
  }
}
