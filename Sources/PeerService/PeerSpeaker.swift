internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import MeshAPI
public import MeshModel
internal import MeshServices
public import Replication

/// Who an agent is, by its hello alone.
public struct PeerSpeaker: Hashable, Sendable {
  /// For whom it speaks: its key has signed for this very connection.
  public let owner: OwnerID
  /// Which run of an agent it is: two live ones of one owner are two hosts that have one key.
  public let run: [UInt8]

  /// Whether it is an agent of this one's own key that is not this one: somebody copied the disk.
  public func isCopy(of own: PeerTrust) -> Bool { owner == own.owner && run != own.run }
}

extension PeerCalls {
  /// Says hello to the agent at `address` and hears its own; no message goes to it.
  public func speaker(at address: MeshModel.SocketAddress) async throws -> PeerSpeaker {
    let (seen, state, trust) = (PeerDialer.Seen(), trust.now, trust)
    let transport = try PeerDialer.transport(address, as: state, host: nil, seen: seen)
    return try await Self.told(address, seen) {
      try await Self.within(.milliseconds(PeerLimit.call_ms)) {
        try await withGRPCClient(transport: transport) { client in
          try await Weft_Peer_V1_Peers.Client(wrapping: client).exchange(
            requestProducer: { try await $0.write(Hello.frame(trust, seen.ends(ownLeaf: state.leaf))) },
            onResponse: { response in
              var frames = response.messages.makeAsyncIterator()
              let frame = try await frames.next()
              let spoken = try Hello.speaker(frame, trust, seen.ends(ownLeaf: state.leaf))
              return PeerSpeaker(owner: spoken.owner, run: spoken.run)
            }
          )
        }
      }
    }
  }
}
