internal import Discovery
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What a running proxy has learned of addresses that its pod is asked from, for the one that replaces it: who has a proxy and must
/// show an identity. Without an agent nobody could be asked, and who must would be let in as one of whom nothing is known.
///
/// The new one asks `GET /v1/sources` on the admin socket. The answer is a line for each: the address, `m` where it is meshed,
/// `f` where it forwards clients, and who it must prove to be, with `-` for what is not so. The agent's first answer replaces it.
enum SourcesHandover {
  /// Bytes of an answer: as many addresses as a proxy remembers, each with an identity of usual length. What is longer is not taken.
  static let limit_bytes = DiscoveryLimit.addressLookups * 512
  /// One read of it.
  private static let readBytes = 64 << 10

  /// What the proxy at `path` has learned; nothing where none runs there, or one of a release that does not tell.
  static func request(from path: String) -> [IPAddress: PeerStanding] {
    guard let socket = try? UnixSocket.connect(to: path),
      // Who listens there as somebody else is no predecessor.
      UnixSocket.peer(of: socket)?.uid == ProcessIdentity.uid
    else { return [:] }
    let question = Array("GET /v1/sources HTTP/1.1\r\n\r\n".utf8)
    guard case .bytes = question.withUnsafeBytes({ socket.transmit($0) }) else { return [:] }
    var answer: [UInt8] = []
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 16)
    defer { room.deallocate() }
    while answer.count <= limit_bytes, socket.waitReadable(timeout_ms: Handover.timeout_ms),
      case .bytes(let count) = socket.receive(into: room)
    {
      answer.append(contentsOf: room[..<count])
    }
    guard answer.count <= limit_bytes, answer.starts(with: Array("HTTP/1.1 200 ".utf8)) else { return [:] }
    return decode(String(decoding: answer, as: UTF8.self))
  }

  /// A line for each endpoint: address, flags, identity.
  static func encode(_ peers: [IPAddress: PeerStanding]) -> [UInt8] {
    var text = ""
    for (address, standing) in peers where standing.isEndpoint {
      text += "\(address) \(standing.isMeshed ? "m" : "-")\(standing.forwardsClients ? "f" : "-") "
      text += "\(standing.identity.map { "\($0)" } ?? "-")\n"
    }
    return Array(text.utf8)
  }

  /// Lines that are none of these are passed over: those of the answer's head, and what a later release may add.
  static func decode(_ text: String) -> [IPAddress: PeerStanding] {
    var peers: [IPAddress: PeerStanding] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[1].utf8.count == 2, let address = IPAddress(String(words[0])),
        peers.count < DiscoveryLimit.addressLookups
      else { continue }
      peers[address] = PeerStanding(
        isEndpoint: true,
        forwardsClients: words[1].hasSuffix("f"),
        isMeshed: words[1].hasPrefix("m"),
        identity: try? SPIFFEID(String(words[2]))
      )
    }
    return peers
  }
}

extension Control {
  /// Answers `/v1/sources`.
  func handSourcesOver() -> HTTPResponse {
    HTTPResponse(200, "OK", type: "text/plain", body: SourcesHandover.encode(snapshots.rules.peers))
  }
}
