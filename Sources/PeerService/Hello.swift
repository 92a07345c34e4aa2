internal import Authority
internal import Foundation
internal import MeshAPI
internal import SwiftProtobuf
internal import Replication

/// The first frame of each side: who speaks, bound to the certificates of this very connection.
enum Hello {
  /// Keeps the signature from passing for a record's, and the other way round.
  private static let text = Array("weft peer hello 1\n".utf8)

  private static func statement(speaker: [UInt8], listener: [UInt8]) -> [UInt8] { text + speaker + listener }

  /// This host's own.
  static func frame(_ trust: PeerTrust, _ ends: PeerEnds) throws -> Weft_Peer_V1_Frame {
    guard let signature = trust.keyring.sign(statement(speaker: ends.ownLeaf, listener: ends.peerLeaf)) else {
      throw PeerError.hello("this host has no key to sign with")
    }
    var hello = Weft_Peer_V1_Hello()
    hello.ownerCredential = .init(trust.credential)
    hello.signature = .init(signature)
    hello.run = .init(trust.run)
    var frame = Weft_Peer_V1_Frame()
    frame.hello = hello
    return frame
  }

  /// For whom the other side speaks, and by which credential.
  struct Speaker: Sendable {
    let owner: OwnerID
    let credential: [UInt8]
    /// Which run of an agent it is.
    let run: [UInt8]

    /// Whether a root that the mesh has, or had and did not forget, admits it now.
    func isAdmitted(_ trust: PeerTrust) -> Bool { trust.keyring.admits(owner, credential: credential) }
  }

  /// For whom the other side speaks. A host speaks for the owner of its own name only, whatever credential it has seen.
  static func speaker(_ frame: Weft_Peer_V1_Frame?, _ trust: PeerTrust, _ ends: PeerEnds) throws(PeerError) -> Speaker {
    guard let frame, case .hello(let hello)? = frame.content else {
      throw .hello("its first frame is no hello")
    }
    let credential = [UInt8](hello.ownerCredential)
    guard credential.count <= OwnerCredential.maxBytes, let read = try? OwnerCredential(decoding: credential) else {
      throw .hello("its owner's credential cannot be read")
    }
    guard read.ownerName == ends.host else {
      throw .hello("\(ends.host) would speak for the owner \(read.ownerName)")
    }
    guard trust.keyring.admits(read.owner, credential: credential) else {
      throw .hello("no root of the mesh admitted the owner \(read.ownerName)")
    }
    let said = statement(speaker: ends.peerLeaf, listener: ends.ownLeaf)
    guard trust.keyring.verify([UInt8](hello.signature), of: said, by: read.owner, credential: credential) else {
      throw .hello("\(read.ownerName) has not signed for this connection")
    }
    return Speaker(owner: read.owner, credential: credential, run: [UInt8](hello.run.prefix(PeerTrust.runBytes)))
  }
}
