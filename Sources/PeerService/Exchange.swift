internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import Replication
internal import SwiftProtobuf

/// The reading half of a stream, the same on both sides.
enum Exchange {
  /// Takes the hello within its time, and then messages until the stream ends.
  static func receive(
    _ frames: RPCAsyncSequence<Weft_Peer_V1_Frame, any Error>,
    trust: PeerTrust,
    ends: PeerEnds,
    expecting expected: OwnerID? = nil,
    greeted: @escaping @Sendable () -> Void = {},
    _ body: @escaping @Sendable (_ message: [UInt8], _ owner: OwnerID) async -> Void
  ) async throws {
    let greeting = LastMoment()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await Task.sleep(for: .milliseconds(PeerLimit.hello_ms))
        guard greeting.hasCome else { throw PeerError.hello("it said nothing within its time") }
        return false
      }
      group.addTask {
        var owner: OwnerID?
        for try await frame in frames {
          guard let known = owner else {
            let spoken = try Hello.owner(frame, trust, ends)
            if let expected, spoken != expected {
              throw PeerError.hello("\(spoken) answers where \(expected) was expected")
            }
            owner = spoken
            greeting.note()
            greeted()
            continue
          }
          guard case .message(let bytes)? = frame.content, bytes.count <= ReplicationLimits.messageBytes else {
            throw PeerError.hello("a frame behind the first is no message, or too long")
          }
          await body([UInt8](bytes), known)
        }
        return true
      }
      while let ended = try await group.next(), !ended {}
      group.cancelAll()
    }
  }
}
