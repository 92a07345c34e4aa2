internal import CLinux
internal import Glibc

/// Whether the host at the other end of a TCP connection still answers, as its kernel does for any program, busy or not.
///
/// A host that dies says nothing. Whoever waits for its answer is told by keep-alive probes after minutes, and where
/// something was on its way to it after a quarter of an hour of retransmissions (tcp(7) tcp_retries2).
public enum PeerSilence {
  /// Seconds between two probes of a connection that is asked about.
  public static let interval_s: Int32 = 1
}

extension FileDescriptor {
  /// Has the kernel ask every second of silence whether the other host is there. On a connection that has been silent for
  /// longer, it asks at once (tcp(7) TCP_KEEPIDLE, which restarts the timer). `setStreamOptions` takes it back.
  public func probePeer() {
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, PeerSilence.interval_s)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, PeerSilence.interval_s)
  }

  /// How many timeouts in a row the other host has let pass: retransmissions of what was sent, probes of its window, and
  /// keep-alive probes (linux/tcp.h tcp_info, tcpi_retransmits and tcpi_probes). 0 where it answers, or was not asked.
  public var unansweredTimeouts: Int {
    var info = tcp_info()
    // The two stand at its beginning, which all kernels have.
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(raw, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return 0 }
    return Int(info.tcpi_retransmits) + Int(info.tcpi_probes)
  }
}
