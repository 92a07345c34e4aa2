import Foundation
import MeshModel
import Synchronization
import WeftTestKit

/// A fact that one thread announces and others look at.
final class Flag: Sendable {
  private let isRaisedNow = Atomic(false)
  var isRaised: Bool { isRaisedNow.load(ordering: .acquiring) }
  func raise() { isRaisedNow.store(true, ordering: .releasing) }
}

/// Short connections to an echo server, one after the other on a thread of its own, each of which must succeed.
final class Traffic: Sendable {
  private let counts = Mutex((served: 0, failures: [String]()))
  private let isDone = Flag()

  init(from pod: Pod, to address: SocketAddress, until isOver: Flag) {
    Thread.detachNewThread { [self] in
      while !isOver.isRaised {
        do {
          let stream = try PodStream.connect(from: pod, to: address)
          try stream.send("ping")
          guard try stream.receive(exactly: 4) == "ping" else { throw TestKitError("ended early") }
          counts.withLock { $0.served += 1 }
        } catch {
          counts.withLock { $0.failures.append("\(error)") }
        }
      }
      isDone.raise()
    }
  }

  /// What came of it, once it has stopped.
  func result() throws -> (served: Int, failures: [String]) {
    try eventually("the traffic to stop") { isDone.isRaised }
    return counts.withLock { $0 }
  }
}
