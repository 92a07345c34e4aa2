internal import Kernel
internal import MeshModel
internal import TransportSecurity

/// A running proxy's identity for the one that replaces it, so that it has one from its first connection on, whatever becomes
/// of the agent (docs/decisions/0086).
///
/// The new one asks `GET /v1/identity` on the admin socket, as for the listening sockets. The answer is no HTTP: it goes over the
/// socket itself, of whose memory nothing is ever written to disk, neither as a file nor as swap.
enum IdentityHandover {
  /// What the answer begins with, so that an older proxy's "400 Bad Request" is not taken for one.
  static let mark = Array("weft identity 1\n".utf8)
  /// Bytes of an answer: chain, roots, key and refused signers within `CertificateLimit` take half, and a socket's buffer holds three of it.
  static let limit_bytes = 64 << 10

  /// Bytes of a fingerprint (SHA-256).
  private static let fingerprintBytes = 32

  /// What came of asking.
  enum Outcome {
    /// There is no identity to be had.
    case nothing
    case taken(MeshIdentity)
    /// There is one, and it is not to be used: why.
    case refused(String)
  }

  /// The identity of the proxy at `path`, after the checks that one from the agent goes through, and a peer's on top.
  static func request(from path: String, choice: IdentityChoice, now_s: Int64) -> Outcome {
    guard let socket = try? UnixSocket.connect(to: path),
      // Who listens there as somebody else is no predecessor.
      UnixSocket.peer(of: socket)?.uid == ProcessIdentity.uid
    else { return .nothing }
    let question = Array("GET /v1/identity HTTP/1.1\r\n\r\n".utf8)
    guard case .bytes = question.withUnsafeBytes({ socket.transmit($0) }) else { return .nothing }
    var answer = WipedBytes(capacity: limit_bytes)
    // Each read brings a byte at least, and there is room for so many.
    while socket.waitReadable(timeout_ms: Handover.timeout_ms), case .bytes = answer.receive(from: socket) {}
    guard answer.bytes.starts(with: mark) else { return .nothing }
    guard var material = decode(answer.bytes) else {
      return .refused("it cannot be read; is that proxy of another version?")
    }
    defer { material.wipeKey() }
    guard material.id.path == choice.path else { return .refused("it is of \(material.id), and not of \(choice.path)") }
    do {
      let identity = try MeshIdentity(material, after: nil)
      try identity.trust.check(identity.own, now_s: now_s)
      return .taken(identity)
    } catch { return .refused("\(error)") }
  }

  /// The answer: the mark, then who it is, the chain, the key, the roots and the fingerprints of signers that are refused, each with
  /// its length before it, four bytes in network order. Nil where there is no room for it.
  static func encode(_ identity: MeshIdentity) -> WipedBytes? {
    var answer = WipedBytes(capacity: limit_bytes)
    let name = Array(identity.own.spiffeID.description.utf8)
    guard mark.withUnsafeBytes({ answer.append($0) }), name.withUnsafeBytes({ add($0, to: &answer) }),
      identity.chain.withUnsafeBytes({ add($0, to: &answer) }),
      identity.own.withKey({ add($0, to: &answer) }) == true,
      identity.bundle.withUnsafeBytes({ add($0, to: &answer) }),
      Array(identity.revoked.joined()).withUnsafeBytes({ add($0, to: &answer) })
    else { return nil }
    return answer
  }

  private static func add(_ part: UnsafeRawBufferPointer, to answer: inout WipedBytes) -> Bool {
    withUnsafeBytes(of: UInt32(part.count).bigEndian) { answer.append($0) } && answer.append(part)
  }

  /// What an answer holds; nil where it is anything else, shorter or longer.
  static func decode(_ answer: UnsafeRawBufferPointer) -> MeshIdentity.Material? {
    guard answer.starts(with: mark) else { return nil }
    var rest = answer[mark.count...]
    func next() -> UnsafeRawBufferPointer? {
      guard rest.count >= 4 else { return nil }
      let count = Int(UInt32(bigEndian: UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: UInt32.self)))
      rest = rest.dropFirst(4)
      guard count <= rest.count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
    guard let name = next(), let chain = next(), let key = next(), let bundle = next(),
      let revoked = next(), rest.isEmpty, revoked.count % fingerprintBytes == 0,
      let text = String(validating: name, as: UTF8.self), let id = try? SPIFFEID(text)
    else { return nil }
    let signers = stride(from: 0, to: revoked.count, by: fingerprintBytes).map { start in
      Array(revoked[start..<start + fingerprintBytes])
    }
    return MeshIdentity.Material(
      id: id,
      chain: Array(chain),
      key: Array(key),
      bundle: Array(bundle),
      revoked: signers
    )
  }
}
