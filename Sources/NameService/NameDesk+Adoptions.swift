internal import NIOCore

extension NameDesk {
  /// Answers what comes to sockets that others bound. Where one of them is lost, the rest of them go too, and nothing else.
  func serve(adopted listeners: [Listener], whenLost: @escaping @Sendable () -> Void) throws -> UInt64 {
    guard !isClosed else { throw NameServiceError.closed }
    lastAdoption += 1
    let number = lastAdoption
    adoptions[number] = listeners
    for listener in listeners {
      listener.channel.closeFuture.assumeIsolated().whenComplete { _ in self.lose(number, whenLost) }
      listener.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in self.lose(number, whenLost)
      }
    }
    return number
  }

  private func lose(_ number: UInt64, _ whenLost: () -> Void) {
    guard adoptions[number] != nil else { return }
    release(number)
    whenLost()
  }

  func release(_ number: UInt64) {
    for listener in adoptions.removeValue(forKey: number) ?? [] { listener.channel.close(promise: nil) }
  }
}
