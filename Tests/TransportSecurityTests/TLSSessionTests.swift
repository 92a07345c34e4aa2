import Glibc
import MeshModel
import Testing

@testable import TransportSecurity

@Suite("A TLS session")
struct TLSSessionTests {
  @Test("proves both sides to each other, and carries what they say", arguments: [Int.max, 1, 7, 1000])
  func proves(piece: Int) throws {
    let mesh = try TLSMesh()
    var pair = try TLSPair(mesh.client(), mesh.server(), expecting: .identity(mesh.id("db")))
    let steps = pair.shake(piece: piece)
    #expect(steps.client == .established && steps.server == .established)
    let (server, client, version, isResumed) =
      (pair.client.peer?.spiffeID, pair.server.peer?.spiffeID, pair.client.version, pair.client.isResumed)
    #expect(try server == mesh.id("db"))
    #expect(try client == mesh.id("web"))
    #expect(version == "TLSv1.3" && !isResumed)
    let message = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let heard = pair.say(message)
    #expect(heard == message)
    let isIdle = !pair.server.isAmidst && !pair.client.isAmidst
    #expect(isIdle, "nothing waits for the rest of a record once all is read")
  }

  @Test("is in the midst of a record from its second byte to its last but one", arguments: [1, 4, 6, 100, 300])
  func amidst(count: Int) throws {
    let mesh = try TLSMesh()
    var pair = try TLSPair(mesh.client(), mesh.server())
    _ = pair.shake()
    _ = [UInt8](repeating: 7, count: 300).withUnsafeBytes { pair.client.seal($0, into: pair.fromClient) }
    let record = Array(pair.fromClient.bytes)
    _ = pair.hear(Array(record[..<count]))
    let isAmidst = pair.server.isAmidst
    #expect(isAmidst)
    let rest = pair.hear(Array(record[count...]))
    let isStill = pair.server.isAmidst
    #expect(rest?.count == 300 && !isStill)
  }

  @Test("is refused by a client that was to reach somebody else, and the server is told")
  func otherIdentity() throws {
    let mesh = try TLSMesh()
    var pair = try TLSPair(mesh.client(), mesh.server("cache"), expecting: .identity(mesh.id("db")))
    let steps = pair.shake()
    #expect(steps.client == .failed(.peer(PeerFault(.otherIdentity))))
    guard case .failed(.alert) = steps.server else {
      Issue.record("the server was not told: \(steps.server)")
      return
    }
    let isNobody = pair.client.peer == nil && pair.server.peer == nil
    #expect(isNobody)
  }

  @Test("is refused between meshes, even of one name: each says which side, which check and which certificate")
  func foreign() throws {
    let (mesh, other) = (try TLSMesh(), try TLSMesh())
    var pair = try TLSPair(other.client(), mesh.server())
    let steps = pair.shake()
    #expect(steps.client == .failed(.peer(PeerFault(.foreignRoot))))
    #expect(steps.server == .failed(.alert(48)))
    // A client that believes anybody still has to prove itself.
    let careless = try TLSContext(.client, other.identity("web"), trusting: mesh.trust)
    var second = try TLSPair(careless, mesh.server())
    let ends = second.shake()
    #expect(ends.server == .failed(.peer(PeerFault(.foreignRoot))))
    #expect(ends.client == .failed(.alert(48)), "told behind the handshake, which was over for the client")
  }

  @Test("is refused with a certificate whose time is over, and taken 20 seconds after it")
  func expired() throws {
    let mesh = try TLSMesh()
    let ends_s = try mesh.identity("web").notAfter_s
    for (late, expected) in [(Int64(20), HandshakeStep.established), (21, .failed(.peer(PeerFault(.expired))))] {
      var pair = try TLSPair(mesh.client(), mesh.server())
      let step = pair.shake(now_s: ends_s + late).client
      #expect(step == expected)
    }
  }

  @Test("ends at bytes that are no TLS, and at records that were changed on the way")
  func junk() throws {
    let mesh = try TLSMesh()
    var server = try TLSSession(mesh.server(), with: .member)
    let output = CipherBuffer()
    let step = Array("GET / HTTP/1.1\r\n\r\n".utf8).withUnsafeBytes { bytes in
      var rest = bytes
      return server.shake(&rest, into: output, now_s: TLSMesh.start_s)
    }
    guard case .failed(.violation) = step else {
      Issue.record("an HTTP request was taken for TLS: \(step)")
      return
    }
    var pair = try TLSPair(mesh.client(), mesh.server())
    _ = pair.shake()
    _ = Array("secret".utf8).withUnsafeBytes { pair.client.seal($0, into: pair.fromClient) }
    var cipher = Array(pair.fromClient.bytes)
    cipher[cipher.count - 1] ^= 1
    let heard = pair.hear(cipher)
    #expect(heard == nil)
  }

  @Test("says that it is finished, and the other side can tell that from a cut")
  func finished() throws {
    let mesh = try TLSMesh()
    var pair = try TLSPair(mesh.client(), mesh.server())
    _ = pair.shake()
    pair.client.finish(into: pair.fromClient)
    var plain = [UInt8](repeating: 0, count: 16)
    let cipher = Array(pair.fromClient.bytes)
    let step = cipher.withUnsafeBytes { bytes in
      var rest = bytes
      return plain.withUnsafeMutableBytes { pair.server.open(&rest, into: $0, answers: pair.fromServer) }
    }
    #expect(step == .finished)
  }

  @Test("writes its secrets where it is told to, and nowhere without that")
  func keyLog() throws {
    let mesh = try TLSMesh()
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    var silent = try TLSPair(mesh.client(), mesh.server())
    _ = silent.shake()
    var text = [UInt8](repeating: 0, count: 4096)
    #expect(read(ends[0], &text, text.count) == -1)
    var pair = try TLSPair(mesh.client(keyLog: ends[1]), mesh.server())
    _ = pair.shake()
    let count = read(ends[0], &text, text.count)
    let lines = String(decoding: text.prefix(max(count, 0)), as: UTF8.self).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("CLIENT_TRAFFIC_SECRET_0 ") })
    #expect(lines.allSatisfy { $0.split(separator: " ").count == 3 })
  }
}
