internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Synchronization

/// What one connection looked like when it was asked after.
struct LiveConnection: Sendable {
  let id: ConnectionID
  let direction: Direction
  let source: SocketAddress
  let destination: SocketAddress
  let verdict: Verdict
  /// The table that made the verdict.
  let policyVersion: UInt32
  let detected: DetectedProtocol
  let serverName: [UInt8]
  let bytesSent: UInt64
  let bytesReceived: UInt64
  let age_ns: UInt64
  let isConnecting: Bool
}

/// A question to all workers, and their answers. The path is not held up: a worker copies what it has, up to a limit.
final class ConnectionSurvey: Sendable {
  let limitPerWorker: Int
  /// Only this one, where set.
  let only: ConnectionID?
  private let found = Mutex<[LiveConnection]>([])
  private let missing: Atomic<Int>
  private let wasTruncated = Atomic<Bool>(false)
  private let done: EventSignal

  init(workers: Int, limit: Int, only: ConnectionID?) throws(SystemError) {
    limitPerWorker = limit
    self.only = only
    missing = Atomic(workers)
    done = try EventSignal()
  }

  func answer(_ connections: [LiveConnection], truncated: Bool) {
    found.withLock { $0.append(contentsOf: connections) }
    if truncated { wasTruncated.store(true, ordering: .relaxed) }
    if missing.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.raise() }
  }

  /// Waits for all answers; nil where a worker did not answer in time.
  func wait(timeout_ms: Int32) -> (connections: [LiveConnection], truncated: Bool)? {
    guard done.descriptor.waitReadable(timeout_ms: timeout_ms) else { return nil }
    return (found.withLock { $0 }, wasTruncated.load(ordering: .relaxed))
  }
}

extension Worker {
  func report(_ survey: ConnectionSurvey) {
    var answer: [LiveConnection] = []
    var truncated = false
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot) else { continue }
      if let only = survey.only, only != connection.pointee.id { continue }
      guard answer.count < survey.limitPerWorker else {
        truncated = true
        break
      }
      answer.append(LiveConnection(&connection.pointee, keeper.policyVersion, now_ns: now_ns))
    }
    survey.answer(answer, truncated: truncated)
  }
}

extension LiveConnection {
  init(_ connection: inout Connection, _ policyVersion: UInt32, now_ns: UInt64) {
    self.init(
      id: connection.id,
      direction: connection.direction,
      source: connection.source,
      destination: connection.destination,
      verdict: connection.verdict,
      policyVersion: policyVersion,
      detected: connection.detection.result,
      serverName: connection.detection.hello?.pointee.withName { Array($0) } ?? [],
      bytesSent: connection.response.bytes,
      bytesReceived: connection.request.bytes,
      age_ns: now_ns &- connection.opened_ns,
      isConnecting: connection.phase == .connecting
    )
  }
}
