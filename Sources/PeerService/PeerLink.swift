internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import MeshModel
internal import MeshServices
internal import Replication
internal import SwiftProtobuf

/// One peer that messages go to: a stream while there are some, opened anew when it breaks.
struct PeerLink: Sendable {
  let peer: OwnerID
  let address: MeshModel.SocketAddress
  let queue: MessageQueue
  let trust: PeerTrust
  let counts: PeerCounts
  let receive: @Sendable ([UInt8], OwnerID) async -> Void

  /// Sends what is put into the queue until nothing came for a while, or the task is cancelled.
  func run() async {
    var pause_ms = PeerLimit.retry_ms.lowerBound
    while !Task.isCancelled {
      do {
        try await once()
        pause_ms = PeerLimit.retry_ms.lowerBound
        if queue.closeIfEmpty() { return }
      } catch {
        guard !Task.isCancelled else { return }
        counts.count("links_failed")
        // Nothing waits any more: the next message opens a stream of its own.
        if queue.closeIfEmpty() { return }
        try? await Task.sleep(for: .milliseconds(Int64.random(in: pause_ms / 2...pause_ms)))
        pause_ms = min(pause_ms * 2, PeerLimit.retry_ms.upperBound)
      }
    }
  }

  /// One stream, until it is idle.
  private func once() async throws {
    let state = trust.now
    let seen = PeerDialer.Seen()
    let transport = try PeerDialer.transport(address, as: state, host: peer.name, seen: seen)
    try await withGRPCClient(transport: transport) { client in
      let peers = Weft_Peer_V1_Peers.Client(wrapping: client)
      try await peers.exchange(
        requestProducer: { writer in
          let ends = try seen.ends(ownLeaf: state.leaf)
          try await writer.write(Hello.frame(trust, ends))
          try await send(writer)
        },
        onResponse: { response in
          let ends = try seen.ends(ownLeaf: state.leaf)
          try await Exchange.receive(response.messages, trust: trust, ends: ends, expecting: peer, receive)
        }
      )
    }
  }

  private func send(_ writer: RPCWriter<Weft_Peer_V1_Frame>) async throws {
    let sent = LastMoment()
    sent.note()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while !sent.isOlder(than: .milliseconds(PeerLimit.idle_ms)) {
          try await Task.sleep(for: .milliseconds(PeerLimit.idle_ms / 4))
        }
      }
      group.addTask {
        repeat {
          for message in queue.takeAll() {
            try await writer.write(Weft_Peer_V1_Frame.with { $0.message = Data(message) })
            sent.note()
            counts.count("messages_sent")
          }
        } while await signalled() && !Task.isCancelled
      }
      try await group.next()
      group.cancelAll()
    }
  }

  private func signalled() async -> Bool {
    for await _ in queue.signals { return true }
    return false
  }
}
