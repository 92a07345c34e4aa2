import Authority
import GRPCCore
import MeshModel
import Synchronization
import Testing

@testable import PeerService

@Suite("A join by a token that names several agents", .timeLimit(.minutes(1)))
struct PeerJoinTests {
  private let scene: PeerScene
  /// Who lets hosts in.
  private let free: HeldHandler

  init() throws {
    scene = try PeerScene()
    free = HeldHandler(scene)
  }

  /// A token that this agent takes, and which leads to these addresses.
  private func token(_ addresses: SocketAddress...) throws -> JoinToken {
    try free.tokens.withLock { tokens throws(JoinMintFault) in
      try tokens.mint(pin: scene.authority.pin, addresses: addresses, now_s: PeerTrust.now_s).token
    }
  }

  private func join(_ token: JoinToken) async throws -> Joined {
    try await PeerJoin.join(token, hostName: "new", hostKey: HostKey())
  }

  /// An agent that answers every join so.
  private func failing(_ name: String, _ code: RPCError.Code, _ why: String) throws -> PeerServer {
    let handler = HeldHandler(scene, joinFailure: RPCError(code: code, message: why))
    return PeerServer.onLoopback(try scene.host(name), handler)
  }

  @Test(
    "goes to the next one where the first has too much to do, or cannot answer now",
    arguments: [RPCError.Code.resourceExhausted, .unavailable]
  )
  func next(_ code: RPCError.Code) async throws {
    let (first, second) = (try failing("b", code, "not now"), PeerServer.onLoopback(try scene.host("c"), free))
    try await first.serving { [self] busy in
      try await second.serving { [self] there in
        let joined = try await join(token(busy, there))
        #expect(joined.identity.spiffeID.hostName == "new")
        #expect(second.counts.snapshot["joins"] == 1)
      }
    }
  }

  @Test("ends with what each of them said where none lets it in now, and the token still counts")
  func none() async throws {
    let (first, second) = (
      try failing("b", .resourceExhausted, "too many hosts join"), try failing("c", .unavailable, "about to end")
    )
    try await first.serving { [self] busy in
      try await second.serving { [self] ending in
        let closed = try SilentListener().address
        let token = try token(busy, closed, ending)
        let error = await #expect(throws: PeerError.self) { _ = try await join(token) }
        guard case .busy(let why)? = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(why.contains("\(busy): too many hosts join"), "\(why)")
        #expect(why.contains("\(closed): "), "\(why)")
        #expect(why.contains("\(ending): about to end"), "\(why)")
        try await PeerServer.onLoopback(scene.host("d"), free).serving { there in
          let same = try JoinToken(secret: token.secret, pin: token.pin, addresses: [there])
          _ = try await join(same)
        }
      }
    }
  }

  @Test("ends with the first one's refusal where the token is not right: the others are not asked")
  func refused() async throws {
    let (first, second) = (
      PeerServer.onLoopback(try scene.host("b"), HeldHandler(scene)), PeerServer.onLoopback(try scene.host("c"), free)
    )
    try await first.serving { [self] stranger in
      try await second.serving { [self] there in
        let error = await #expect(throws: PeerError.self) { _ = try await join(token(stranger, there)) }
        #expect(error?.passing == nil)
        #expect(first.counts.snapshot["joins_refused"] == 1)
        #expect(second.counts.snapshot["joins"] == nil && second.counts.snapshot["joins_refused"] == nil)
      }
    }
  }
}
