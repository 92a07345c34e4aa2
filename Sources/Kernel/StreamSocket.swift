public import CLinux
public import Glibc
public import MeshModel

/// What one non-blocking read found.
public enum ReadOutcome: BitwiseCopyable {
  case bytes(Int)
  case endOfStream
  case wouldBlock
  /// The peer reset the connection, or the kernel gave it up; the value is `errno`.
  case failed(Int32)
}

/// What one non-blocking write achieved; fewer bytes than offered means that the socket is full.
public enum WriteOutcome: BitwiseCopyable {
  case bytes(Int)
  case wouldBlock
  case failed(Int32)
}

/// The calls the data path makes on a connected, non-blocking TCP socket. They are inlined: each is one system call.
extension FileDescriptor {
  /// recv(2) into `buffer`; retries when a signal interrupts.
  @inlinable
  public func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    while true {
      let count = weft_raw_receive(raw, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .endOfStream }
      switch Int32(truncatingIfNeeded: -count) {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case let code: return .failed(code)
      }
    }
  }

  /// Whether bytes have come that are not read yet. They stay readable when the connection has broken since, which a write
  /// learns before them (recv(2) MSG_PEEK).
  public func hasUnreadBytes() -> Bool {
    var byte: UInt8 = 0
    return recv(raw, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
  }

  /// send(2) without SIGPIPE; retries when a signal interrupts.
  @inlinable
  public func transmit(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    while true {
      let count = weft_raw_send(raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .bytes(count) }
      switch Int32(truncatingIfNeeded: -count) {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case let code: return .failed(code)
      }
    }
  }

  /// Sends FIN: the peer reads end-of-stream, and may still talk (shutdown(2) SHUT_WR).
  @inlinable
  public func finishWriting() { _ = shutdown(raw, Int32(SHUT_WR)) }

  /// Makes the coming close a reset (RST) instead of an orderly end (socket(7), SO_LINGER with zero seconds).
  @inlinable
  public func resetOnClose() {
    var now = linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(raw, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }

  /// The pending error of an asynchronous connect, 0 when it succeeded (connect(2), EINPROGRESS).
  @inlinable
  public func takeError() -> Int32 {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(raw, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
  }

  /// The address this end is bound to (getsockname(2)); nil for a socket that is not IP.
  @inlinable
  public func localAddress() -> SocketAddress? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutableBytes(of: &storage) {
      getsockname(raw, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
    }
    return status == 0 ? SocketAddress(&storage) : nil
  }

  /// Sets an integer socket option; false when the kernel refuses.
  @inlinable @discardableResult
  public func set(_ level: Int32, _ option: Int32, _ value: Int32) -> Bool {
    var value = value
    return setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
  }
}

/// How soon a dead peer is noticed on a connection that says nothing (tcp(7)).
public enum KeepAlive {
  /// Seconds of silence before the first probe: under the idle limits of common NATs (5 minutes and more).
  public static let idle_s: Int32 = 120
  /// Seconds between probes.
  public static let interval_s: Int32 = 30
  /// Unanswered probes until the connection is given up: with the above, within about 4 minutes.
  public static let probes: Int32 = 4
}

extension FileDescriptor {
  /// No Nagle delay, keep-alive probes, and urgent bytes in their place of the stream (RFC 6093 section 5), since a
  /// reader that is not asked for them would lose them. An accepted socket inherits these from its listener on Linux,
  /// so the data path sets them once a listener and once a dialled connection.
  @inlinable
  public func setStreamOptions() {
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(SOL_SOCKET, SO_OOBINLINE, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, KeepAlive.idle_s)
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, KeepAlive.interval_s)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, KeepAlive.probes)
  }

  /// Gives the connection up when the other side has acknowledged nothing for so long (tcp(7) TCP_USER_TIMEOUT, in
  /// milliseconds): the kernel alone would try for a quarter of an hour, and whoever is sent something meanwhile waits.
  @inlinable
  public func setUserTimeout(ms timeout_ms: Int32) { set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, timeout_ms) }

  /// Reno for a leg that does not leave this host, or hardly: there is no network to probe, so the model and the pacing
  /// timers of the system's default (BBR, where it is set) would only cost. Inherited from a listener, as the options above.
  /// tcp(7) TCP_CONGESTION; "reno" is always allowed.
  @inlinable
  public func setLocalCongestionControl() {
    let name: StaticString = "reno"
    _ = setsockopt(raw, Int32(IPPROTO_TCP), TCP_CONGESTION, name.utf8Start, socklen_t(name.utf8CodeUnitCount))
  }
}
