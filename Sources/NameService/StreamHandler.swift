internal import DNS
internal import NIOCore

/// One client's TCP connection: questions in, answers out in the order they are known.
///
/// It reads no more while the client does not take its answers, or while as many questions wait as may.
final class StreamHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// By which the desk knows it while it waits for an answer.
  var number: UInt64?
  /// Questions that wait for an answer.
  private(set) var waiting = 0
  /// When a whole question came last.
  private(set) var active = NIODeadline.now()

  /// Whose program it is.
  let pod: NamesPod

  private let desk: NameDesk
  private var context: ChannelHandlerContext?
  private var stream = MessageStream()
  private var wantsRead = false
  private var isInputOver = false
  private var isTaking = false
  private var timer: Scheduled<Void>?

  init(_ desk: NameDesk, of pod: NamesPod) {
    self.desk = desk
    self.pod = pod
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelActive(context: ChannelHandlerContext) {
    guard desk.admit(self) else { return context.close(promise: nil) }
    watch(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    take(Array(unwrapInboundIn(data).readableBytesView))
  }

  func read(context: ChannelHandlerContext) {
    if canTakeMore { context.read() } else { wantsRead = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { resume() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
    isInputOver = true
    closeIfDone()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    desk.dismiss(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// An answer to a question that waited.
  func reply(_ bytes: [UInt8]) {
    guard let context else {
      desk.counts.goneClients += 1
      return
    }
    waiting -= 1
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: MessageStream.framed(bytes))), promise: nil)
    // An answer can come while its question is being taken; then what follows is taken there.
    guard !isTaking else { return }
    resume()
    closeIfDone()
  }

  func close() { context?.close(promise: nil) }

  private var canTakeMore: Bool {
    waiting < NameServiceLimit.pipelined && context?.channel.isWritable ?? false
  }

  private func take(_ bytes: [UInt8]) {
    _ = stream.take(bytes, limit: 0)
    isTaking = true
    while canTakeMore, let context, let message = stream.take(limit: 1).first {
      active = .now()
      waiting += 1
      switch desk.receive(message, by: .tcp, from: .stream(self)) {
      case .now(let reply):
        waiting -= 1
        context.write(wrapOutboundOut(ByteBuffer(bytes: MessageStream.framed(reply))), promise: nil)
      case .later: break
      case .again: waiting -= 1
      case .none: return close()
      }
    }
    isTaking = false
    context?.flush()
    closeIfDone()
  }

  /// Goes on after answers were taken.
  private func resume() {
    guard canTakeMore else { return }
    take([])
    guard wantsRead, canTakeMore else { return }
    wantsRead = false
    context?.read()
  }

  private func closeIfDone() {
    // What is left of the input is no whole question, or waits for the client to read.
    if isInputOver, waiting == 0, canTakeMore { close() }
  }

  private func watch(_ context: ChannelHandlerContext) {
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(deadline: active + .seconds(NameServiceLimit.idle_s)) {
      handler.value.check()
    }
  }

  private func check() {
    guard let context else { return }
    if waiting > 0 { active = .now() }
    guard active + .seconds(NameServiceLimit.idle_s) <= .now() else { return watch(context) }
    desk.counts.idleConnections += 1
    close()
  }
}
