internal import Kernel

/// What programs ask while there is no agent: they are told so, and ask another server at once.
extension NameSockets {
  /// How long what is asked waits for an agent first, in milliseconds: one that is started anew is back in less, so that nobody
  /// misses it; resolvers wait five seconds for an answer (resolv.conf(5)), so that nobody has given up yet either.
  static let agentPatience_ms: UInt64 = 1_000
  /// Messages, or connections, of one socket that are refused in one turn of the loop, which has other things to do.
  private static let refusalsPerTurn = 64
  /// How long the sockets are left alone where a connection could not be accepted, mostly for want of descriptors, in
  /// milliseconds: asking again at once would only turn the loop.
  private static let rest_ms: UInt64 = 250

  /// Watches the sockets where no agent has them and none came in time. `token` tells the sockets apart, by their index.
  func refuseIfDue(now_ms: UInt64, loop: borrowing Epoll, token: (Int) -> UInt64) {
    guard link == nil, !isRefusing, now_ms >= refuseAt_ms else { return }
    isRefusing = true
    for (index, socket) in sockets.enumerated() { loop.add(socket.descriptor, .readable, token: token(index)) }
  }

  /// Leaves the sockets to whoever has copies: an agent, or the proxy that replaces this one. The kernel would go on telling of
  /// them after they are closed here, since the copies keep them open (epoll(7)).
  func stopRefusing(_ loop: borrowing Epoll) {
    guard isRefusing else { return }
    isRefusing = false
    for socket in sockets { loop.remove(socket.descriptor) }
  }

  /// Something came to the socket at `index`.
  func refuse(at index: Int, now_ms: UInt64, loop: borrowing Epoll) {
    // The event may be older than an agent's arrival.
    guard isRefusing, sockets.indices.contains(index) else { return }
    let socket = sockets[index]
    guard socket.descriptor.nature?.transport == .tcp else { return refuseQuestions(socket) }
    for count in 0..<Self.refusalsPerTurn {
      // One that ends at once is as clear as an answer, and costs nobody a place to wait in.
      guard socket.descriptor.acceptAny() != nil else {
        if count == 0 {
          stopRefusing(loop)
          refuseAt_ms = now_ms + Self.rest_ms
        }
        return
      }
      refused += 1
    }
  }

  private func refuseQuestions(_ socket: Socket) {
    withUnsafeTemporaryAllocation(byteCount: NameRefusal.query_bytes, alignment: 8) { buffer in
      for _ in 0..<Self.refusalsPerTurn {
        guard socket.descriptor.answerDatagram(in: buffer, NameRefusal.answer) else { return }
        refused += 1
      }
    }
  }
}
