import COpenSSL
import MeshModel
import Testing

@testable import TransportSecurity

/// A client of OpenSSL alone, with a proxy's identity: it does what our sessions never would.
private final class OtherClient {
  let session: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let context: TLSContext
  private let handshake: MeshHandshake

  init(_ context: TLSContext, with peer: SPIFFEID) throws {
    self.context = context
    handshake = MeshHandshake(context, .identity(peer))
    handshake.now_s = TLSMesh.start_s
    session = try #require(SSL_new(context.pointer))
    incoming = try #require(BIO_new(BIO_s_mem()))
    outgoing = try #require(BIO_new(BIO_s_mem()))
    SSL_set_bio(session, incoming, outgoing)
    SSL_set_ex_data(session, Int32(weft_app_data), Unmanaged.passUnretained(handshake).toOpaque())
    SSL_set_connect_state(session)
  }

  deinit { SSL_free(session) }

  /// What it has to send.
  func takeOutput() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = BIO_read(outgoing, &bytes, Int32(bytes.count))
    return Array(bytes.prefix(Int(max(0, count))))
  }

  /// Goes on with its handshake by what came; true once it is over.
  func shake(_ bytes: [UInt8]) -> Bool {
    if !bytes.isEmpty { BIO_write(incoming, bytes, Int32(bytes.count)) }
    return SSL_do_handshake(session) == 1
  }

  func say(_ text: String) -> Bool {
    SSL_write(session, Array(text.utf8), Int32(text.utf8.count)) == Int32(text.utf8.count)
  }
}

/// Our server, and what it has heard.
private struct HearingServer: ~Copyable {
  var session: TLSSession
  let output = CipherBuffer()
  var heard: [UInt8] = []
  var isEstablished: Bool { session.isEstablished }

  init(_ context: borrowing TLSContext) throws { session = try TLSSession(context, with: .member) }

  /// Its answer to these bytes; nil where they end it.
  mutating func take(_ bytes: [UInt8]) -> [UInt8]? {
    output.clear()
    let isSound = bytes.withUnsafeBytes { bytes in
      var rest = bytes
      if !session.isEstablished {
        switch session.shake(&rest, into: output, now_s: TLSMesh.start_s) {
        case .waiting: return true
        case .failed: return false
        case .established: break
        }
      }
      var plain = [UInt8](repeating: 0, count: 4096)
      while true {
        switch plain.withUnsafeMutableBytes({ session.open(&rest, into: $0, answers: output) }) {
        case .bytes(let count): heard += plain[..<count]
        case .waiting: return true
        case .finished, .failed: return false
        }
      }
    }
    return isSound ? Array(output.bytes) : nil
  }
}

@Suite("A server of the mesh's TLS")
struct EarlyDataTests {
  private let mesh: TLSMesh

  init() throws { mesh = try TLSMesh() }

  @Test("gives no ticket that allows early data, which could be replayed (RFC 8446 section 8)")
  func earlyData() throws {
    let (client, server) = (try mesh.client(), try mesh.server(tickets: TicketKeys()))
    var meeting = try TLSPair(client, server, expecting: .identity(mesh.id("db")))
    let steps = meeting.shake()
    #expect(steps.client == .established && steps.server == .established)
    let ticket = try #require(client.resumption?.take(mesh.id("db"), now_s: TLSMesh.start_s)).session
    defer { SSL_SESSION_free(ticket) }
    #expect(SSL_SESSION_get_max_early_data(ticket) == 0)
  }

  @Test("that is asked for another key thousands of times says so once for each, and no more")
  func keyUpdates() throws {
    let (client, server) = (try mesh.client(), try mesh.server())
    let other = try OtherClient(client, with: mesh.id("db"))
    var hearing = try HearingServer(server)
    _ = other.shake([])
    var isUp = false
    for _ in 0..<4 where !isUp {
      let answer = hearing.take(other.takeOutput())
      isUp = other.shake(try #require(answer))
    }
    // The last flight of the handshake.
    let last = hearing.take(other.takeOutput())
    #expect(isUp && last != nil)
    var (asked, answered) = (0, 0)
    for _ in 0..<5_000 {
      // RFC 8446 section 4.6.3.
      #expect(SSL_key_update(other.session, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(other.session) == 1)
      let question = other.takeOutput()
      let answer = hearing.take(question)
      asked += question.count
      answered += try #require(answer).count
    }
    // Whoever carries them sees to it that they do not pile up (`PeerLimit.unreadAnswerBytes`).
    #expect(answered <= asked)
    #expect(other.say("still"))
    let end = hearing.take(other.takeOutput())
    let heard = hearing.heard
    #expect(end != nil && heard == Array("still".utf8))
  }
}
