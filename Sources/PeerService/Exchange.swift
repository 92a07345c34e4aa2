internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import Replication
internal import SwiftProtobuf
internal import Synchronization

/// The reading half of a stream, the same on both sides.
enum Exchange {
  /// Takes the hello within its time, and then messages until the stream ends.
  ///
  /// - Throws: `PeerTerm.End.distrusted` once no root admits the owner any more who said hello.
  static func receive(
    _ frames: RPCAsyncSequence<Weft_Peer_V1_Frame, any Error>,
    trust: PeerTrust,
    ends: PeerEnds,
    expecting expected: OwnerID? = nil,
    greeted: @escaping @Sendable (Hello.Speaker) -> Void = { _ in },
    _ body: @escaping @Sendable (_ message: [UInt8], _ owner: OwnerID) async -> Void
  ) async throws {
    let greeting = Greeting()
    let updates = trust.updates()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await Task.sleep(for: .milliseconds(PeerLimit.hello_ms))
        guard greeting.speaker != nil else { throw PeerError.hello("it said nothing within its time") }
        return false
      }
      group.addTask {
        for await _ in updates { try greeting.judge(trust) }
        return false
      }
      group.addTask {
        for try await frame in frames {
          guard let known = greeting.speaker else {
            let spoken = try Hello.speaker(frame, trust, ends)
            if let expected, spoken.owner != expected {
              throw PeerError.hello("\(spoken.owner) answers where \(expected) was expected")
            }
            greeting.note(spoken)
            // The roots may have changed since it was read; from here on, changes are told.
            try greeting.judge(trust)
            greeted(spoken)
            continue
          }
          guard case .message(let bytes)? = frame.content, bytes.count <= ReplicationLimits.messageBytes else {
            throw PeerError.hello("a frame behind the first is no message, or too long")
          }
          await body([UInt8](bytes), known.owner)
        }
        return true
      }
      while let ended = try await group.next(), !ended {}
      group.cancelAll()
    }
  }
}

/// Who has said hello on a stream; nobody at first.
private final class Greeting: Sendable {
  private let spoken = Mutex<Hello.Speaker?>(nil)

  var speaker: Hello.Speaker? { spoken.withLock { $0 } }

  func note(_ speaker: Hello.Speaker) { spoken.withLock { $0 = speaker } }

  func judge(_ trust: PeerTrust) throws {
    if let speaker, !speaker.isAdmitted(trust) { throw PeerTerm.End.distrusted }
  }
}
