internal import Authority
internal import MeshModel
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// One connection that another host made: what it has shown, and how long it may stand.
///
/// It is a stranger's until a certificate was verified. A stranger has little time: to shake hands, and then to join. A
/// host's connection stands until a certificate ends (its own, or the one it was shown) or its root is believed no more.
final class PeerConnection: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer

  private struct State {
    var ends: PeerEnds?
    var chain: [[UInt8]] = []
    var notAfter_s: Int64 = 0
    var isServed = false
    /// Whether its end is counted and told, or will be: one connection is one line at most.
    var isTold = false
    var streams = 0
    var timer: Scheduled<Void>?
    var watch: UInt64?
  }

  let ip: IPAddress
  /// What it was made with.
  let shown: PeerTrust.State
  private let trust: PeerTrust
  private let gate: PeerGate
  private let state = Mutex(State())

  /// A connection that `gate` let in, to which the certificate of `shown` is shown.
  init(_ ip: IPAddress, shown: PeerTrust.State, trust: PeerTrust, gate: PeerGate) {
    self.ip = ip
    self.shown = shown
    self.trust = trust
    self.gate = gate
  }

  var ends: PeerEnds? { state.withLock { $0.ends } }

  /// Believes a chain, or not; called during the handshake.
  func judge(_ chain: [NIOSSLCertificate]) throws {
    let der = try chain.prefix(AuthorityLimit.chainCertificates + 1).map { try $0.toDERBytes() }
    let identity = try PeerChain.verified(der, by: trust.now.verifier)
    guard let host = identity.spiffeID.hostName, let leaf = der.first else {
      throw PeerError.hello("\(identity.spiffeID) is no host")
    }
    state.withLock { state in
      state.ends = PeerEnds(host: host, ownLeaf: shown.leaf, peerLeaf: PeerTrust.digest(leaf))
      state.chain = der
      state.notAfter_s = identity.notAfter_s
    }
  }

  /// What `judge` threw: TLS ends the handshake.
  func refused(_ error: any Error) {
    let fault = error as? PeerChain.Fault
    // Strangers by the dozen hide no host whose clock is wrong.
    let kind = fault?.isClock == true ? "clock" : fault?.isForeign == true ? "foreign" : ""
    tellEnd("certificates_refused", "\(ip) shows a certificate that is not believed: \(error)", kind: kind)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !state.withLock({ $0.isServed }) {
      let fault = HandshakeFault(error)
      tellEnd("handshakes_failed", "\(ip): \(fault)", kind: fault.kind)
    }
    context.fireErrorCaught(error)
  }

  /// Why a connection ends that was never served.
  private func tellEnd(_ counter: String, _ why: String, kind: String = "") {
    let isFirst = state.withLock { state in
      defer { state.isTold = true }
      return !state.isTold
    }
    if isFirst { gate.note(counter, why, kind: kind) }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    let watch = trust.watch { channel.eventLoop.execute { self.judgeAgain(channel) } }
    state.withLock { $0.watch = watch }
    // However the connection ends, even before it is active.
    channel.closeFuture.whenComplete { _ in self.ended() }
    limit(channel, .milliseconds(gate.bounds.handshake_ms), "handshakes_expired", "has not finished its handshake")
  }

  /// The first byte that TLS lets through: the handshake is over.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let isFirst = state.withLock { state in
      defer { state.isServed = true }
      return !state.isServed
    }
    if isFirst { serve(context.channel) }
    context.fireChannelRead(data)
  }

  private func serve(_ channel: any Channel) {
    let (ends, notAfter_s) = state.withLock { ($0.ends, $0.notAfter_s) }
    guard ends != nil else {
      return limit(channel, .milliseconds(gate.bounds.stranger_ms), "strangers_expired", "has not joined")
    }
    gate.admitted(ip)
    // The bundle may have changed since the handshake; from here on, changes are told.
    judgeAgain(channel)
    expire(channel, PeerTerm(notAfter_s: shown.identity.certificate.notAfter_s, notAfter_s))
  }

  private func limit(_ channel: any Channel, _ time: TimeAmount, _ counter: String, _ why: String) {
    schedule(channel, time) { [self] in
      tellEnd(counter, "\(ip) \(why) within its time")
      channel.close(promise: nil)
    }
  }

  private func expire(_ channel: any Channel, _ term: PeerTerm) {
    guard let left_s = term.left_s() else {
      gate.note("connections_expired", nil)
      return channel.close(promise: nil)
    }
    schedule(channel, .seconds(left_s)) { [self] in expire(channel, term) }
  }

  /// One timer at a time: each replaces the one before.
  private func schedule(_ channel: any Channel, _ time: TimeAmount, _ body: @escaping @Sendable () -> Void) {
    let timer = channel.eventLoop.scheduleTask(in: time, body)
    let former = state.withLock { state in
      defer { state.timer = timer }
      return state.timer
    }
    former?.cancel()
  }

  private func judgeAgain(_ channel: any Channel) {
    let chain = state.withLock { $0.chain }
    guard !chain.isEmpty, channel.isActive, !trust.now.believes(chain) else { return }
    gate.note("connections_distrusted", "\(ip): no root of the bundle vouches for its certificate any more")
    channel.close(promise: nil)
  }

  private func ended() {
    let (watch, timer, isServed, isStranger) = state.withLock { ($0.watch, $0.timer, $0.isServed, $0.ends == nil) }
    if let watch { trust.unwatch(watch) }
    timer?.cancel()
    if !isServed { tellEnd("handshakes_failed", "\(ip) shook hands and went, or did not offer HTTP/2 by ALPN") }
    gate.left(ip, isAdmitted: isServed && !isStranger)
  }

  /// Counts a stream until it is closed; false where there are too many.
  func opens(_ stream: any Channel) -> Bool {
    let isWithin = state.withLock { state in
      guard state.streams < gate.bounds.streams else { return false }
      state.streams += 1
      return true
    }
    guard isWithin else {
      gate.note("streams_refused", "\(ip) has \(gate.bounds.streams) streams open on one connection")
      return false
    }
    stream.closeFuture.whenComplete { _ in self.state.withLock { $0.streams -= 1 } }
    return true
  }
}
