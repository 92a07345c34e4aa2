@testable import ProxyPath
import WeftTestKit

/// What detection made of some bytes.
struct Detected: Equatable, Sendable {
  var result: DetectedProtocol
  var isSettled: Bool
  var name: String?
  var protocols: String?

  init(_ detection: borrowing Detection) {
    result = detection.result
    isSettled = detection.isSettled
    name = detection.hello?.pointee.withName { String(decoding: $0, as: UTF8.self) }
    protocols = detection.hello?.pointee.withProtocols { String(decoding: $0, as: UTF8.self) }
  }

  init(_ result: DetectedProtocol, settled: Bool = true, name: String? = nil, protocols: String? = nil) {
    self.result = result
    isSettled = settled
    self.name = name
    self.protocols = protocols
  }

  /// What a client's bytes are found to be, when they come in these pieces and nobody answers.
  init(pieces: some Sequence<some Collection<UInt8>>, in memory: GuardedBytes) {
    var detection = Detection()
    for piece in pieces { memory.lend(piece) { detection.clientSpoke($0) } }
    self.init(detection)
  }
}
