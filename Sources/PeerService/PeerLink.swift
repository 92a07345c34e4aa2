internal import Authority
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
  let log: PacedLog
  let turnedAway: @Sendable () -> Void
  let foreign: @Sendable (OwnerID) -> Void
  let receive: @Sendable ([UInt8], OwnerID) async -> Void

  /// Sends what is put into the queue until nothing came for a while, or the task is cancelled.
  func run() async {
    var pause_ms = PeerLimit.retry_ms.lowerBound
    while await somethingWaits(), !Task.isCancelled {
      let began = ContinuousClock.now
      do { try await once() } catch {
        guard !Task.isCancelled else { return }
        told(error)
      }
      // A stream that stood for long shows that the peer is well; its end is the first of its kind.
      if began.duration(to: .now) > .milliseconds(PeerLimit.retry_ms.upperBound) {
        pause_ms = PeerLimit.retry_ms.lowerBound
      }
      try? await Task.sleep(for: .milliseconds(Int64.random(in: pause_ms / 2...pause_ms)))
      pause_ms = min(pause_ms * 2, PeerLimit.retry_ms.upperBound)
    }
  }

  /// Waits until something does. Where nothing comes for a while it closes the queue: the next message has a link of its
  /// own. Until then the pause between attempts is remembered.
  private func somethingWaits() async -> Bool {
    let signals = queue.signals()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in signals { return } }
      group.addTask { try? await Task.sleep(for: .milliseconds(PeerLimit.idle_ms)) }
      await group.next()
      group.cancelAll()
    }
    return !queue.closeIfEmpty()
  }

  private func told(_ error: any Error) {
    switch error {
    case PeerTerm.End.expired: counts.count("links_expired")
    case PeerTerm.End.distrusted: counts.count("links_distrusted")
    default:
      counts.count("links_failed")
      log.warning("links_failed", "\(peer.name) cannot be told what is new: \(error)")
    }
  }

  /// One stream, until it is idle or ends.
  private func once() async throws {
    let state = trust.now
    let seen = PeerDialer.Seen()
    let transport = try PeerDialer.transport(address, as: state, host: peer.name, seen: seen)
    let progress = LinkProgress()
    // In TLS 1.3 who connects has shaken hands before the other side judges its certificate (RFC 8446 section 4.4).
    defer { if !progress.isGreeted, !Task.isCancelled, (try? seen.shown) != nil { turnedAway() } }
    defer { if let fault = seen.refusal as? PeerChain.Fault, fault.isForeign { foreign(peer) } }
    try await PeerCalls.told(address, seen) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask {
          try await withGRPCClient(transport: transport) { client in
            try await exchange(Weft_Peer_V1_Peers.Client(wrapping: client), state, seen, progress)
          }
          // Who sends is who ends it; a peer that does so stops.
          throw PeerError.unreachable("\(address): it ended the stream")
        }
        group.addTask { try await progress.idle(address) }
        try await group.next()
      }
    }
  }

  private func exchange(
    _ peers: Weft_Peer_V1_Peers.Client<some ClientTransport>,
    _ state: PeerTrust.State,
    _ seen: PeerDialer.Seen,
    _ progress: LinkProgress
  ) async throws {
    try await peers.exchange(
      requestProducer: { writer in
        try await writer.write(Hello.frame(trust, seen.ends(ownLeaf: state.leaf)))
        // What goes to a peer that has not shown for whom it speaks may be lost, or told to the wrong one.
        for await _ in progress.greetings { break }
        try await send(writer, progress)
      },
      onResponse: { response in
        let (ends, shown) = (try seen.ends(ownLeaf: state.leaf), try seen.shown)
        let term = PeerTerm(notAfter_s: state.identity.certificate.notAfter_s, shown.identity.notAfter_s)
        try await withThrowingTaskGroup(of: Void.self) { group in
          defer { group.cancelAll() }
          group.addTask {
            let greeted: @Sendable (Hello.Speaker) -> Void = { _ in
              counts.count("links_opened")
              progress.greeted()
            }
            try await Exchange.receive(
              response.messages,
              trust: trust,
              ends: ends,
              expecting: peer,
              greeted: greeted,
              receive
            )
          }
          group.addTask { try await term.end(of: shown.chain, trust) }
          try await group.next()
        }
      }
    )
  }

  /// Writes what waits, and what comes, until the queue ends or a write fails.
  func send(_ writer: RPCWriter<Weft_Peer_V1_Frame>, _ progress: LinkProgress) async throws {
    for await _ in queue.signals() {
      while !Task.isCancelled, let message = queue.take() {
        do { try await writer.write(Weft_Peer_V1_Frame.with { $0.message = Data(message) }) } catch {
          counts.count("messages_dropped")
          throw error
        }
        progress.sent()
        counts.count("messages_sent")
      }
    }
  }
}
