internal import NIOCore

extension NameDesk {
  /// The number of an adoption that is to come, and of its pod.
  func nextAdoption() -> UInt64 {
    lastAdoption += 1
    return lastAdoption
  }

  /// Answers what comes to sockets that others bound. Where one of them is lost, the rest of them go too, and nothing else.
  func serve(adopted listeners: [Listener], _ number: UInt64, whenLost: @escaping @Sendable () -> Void) throws {
    guard !isClosed else { throw NameServiceError.closed }
    adoptions[number] = listeners
    for listener in listeners {
      listener.channel.closeFuture.assumeIsolated().whenComplete { _ in self.lose(number, whenLost) }
      listener.channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in self.lose(number, whenLost)
      }
    }
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
