import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("The issuer of join tokens")
struct JoinTokensTests {
  private let now = Scene.start_s
  private let pin = [UInt8](repeating: 7, count: 32)

  private var addresses: [SocketAddress] { get throws { [try #require(SocketAddress("192.0.2.1:15012"))] } }

  private func refusal(_ tokens: inout JoinTokens, _ secret: SecretBytes, _ host: String, _ now_s: Int64)
    -> JoinRefusal?
  {
    let before = tokens
    do throws(JoinRefusal) { try tokens.redeem(secret, hostName: host, now_s: now_s) } catch {
      #expect(tokens == before)
      return error
    }
    return nil
  }

  @Test("admits once")
  func once() throws {
    var tokens = JoinTokens()
    let (token, expires) = try tokens.mint(pin: pin, addresses: addresses, now_s: now)
    #expect(expires == now + JoinTokens.usualLife_s && token.pin == pin)
    #expect(refusal(&tokens, token.secret, "h1", now) == nil)
    #expect(refusal(&tokens, token.secret, "h1", now) == .used)
    #expect(refusal(&tokens, token.secret, "h1", expires) == .expired)
  }

  @Test("admits as often as was said, and only the host that was named")
  func limited() throws {
    var tokens = JoinTokens()
    let (many, _) = try tokens.mint(pin: pin, addresses: addresses, uses: 3, now_s: now)
    let (one, _) = try tokens.mint(pin: pin, addresses: addresses, hostName: "db-1", now_s: now)
    for index in 0..<3 { #expect(refusal(&tokens, many.secret, "h\(index)", now) == nil) }
    #expect(refusal(&tokens, many.secret, "h3", now) == .used)
    #expect(refusal(&tokens, one.secret, "db-2", now) == .otherHost("db-1"))
    #expect(refusal(&tokens, one.secret, "DB-1", now) == .otherHost("db-1"))
    #expect(refusal(&tokens, one.secret, "db-1", now) == nil)
  }

  @Test("does not know other secrets, nor the hash that it keeps")
  func unknown() throws {
    var tokens = JoinTokens()
    let (token, _) = try tokens.mint(pin: pin, addresses: addresses, now_s: now)
    #expect(refusal(&tokens, SecretBytes([]), "h", now) == .unknown)
    #expect(refusal(&tokens, SecretBytes(tokens.records[0].secretHash), "h", now) == .unknown)
    for bit in 0..<256 {
      var secret = token.secret.bytes
      secret[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(refusal(&tokens, SecretBytes(secret), "h", now) == .unknown)
    }
    #expect(refusal(&tokens, token.secret, "h", now) == nil)
  }

  @Test("forgets a token a day after its end, not before")
  func purge() throws {
    var tokens = JoinTokens()
    let (token, expires) = try tokens.mint(pin: pin, addresses: addresses, now_s: now)
    tokens.purge(now_s: expires + JoinTokens.remembered_s)
    #expect(refusal(&tokens, token.secret, "h", expires) == .expired)
    tokens.purge(now_s: expires + JoinTokens.remembered_s + 1)
    #expect(tokens.records.isEmpty && refusal(&tokens, token.secret, "h", expires) == .unknown)
  }

  @Test("keeps so many at a time; those that are of use are not forgotten for others")
  func bounded() throws {
    var tokens = JoinTokens()
    let made = try (0..<JoinTokens.maxRecords).map { _ in try tokens.mint(pin: pin, addresses: addresses, now_s: now) }
    #expect(throws: JoinMintFault.tooMany) { try tokens.mint(pin: pin, addresses: addresses, now_s: now) }
    #expect(refusal(&tokens, made[9].token.secret, "h", now) == nil)
    _ = try tokens.mint(pin: pin, addresses: addresses, now_s: now)
    #expect(tokens.records.count == JoinTokens.maxRecords)
    #expect(refusal(&tokens, made[9].token.secret, "h", now) == .unknown)
    #expect(refusal(&tokens, made[10].token.secret, "h", now) == nil)
    _ = try tokens.mint(pin: pin, addresses: addresses, now_s: now + JoinTokens.usualLife_s)
    #expect(tokens.records.count == 1)
  }

  @Test("makes no token that lives too long, admits too often or names no host")
  func faults() throws {
    var tokens = JoinTokens()
    let addresses = try addresses
    for life: Int64 in [0, -1, JoinTokens.maxLife_s + 1, .max] {
      #expect(throws: JoinMintFault.life(life)) {
        try tokens.mint(pin: pin, addresses: addresses, life_s: life, now_s: now)
      }
    }
    for uses: Int64 in [0, -1, JoinTokens.maxUses + 1] {
      #expect(throws: JoinMintFault.uses(uses)) {
        try tokens.mint(pin: pin, addresses: addresses, uses: uses, now_s: now)
      }
    }
    for name in ["", "A", "a b", "-a", String(repeating: "a", count: 254)] {
      #expect(throws: JoinMintFault.hostName) {
        try tokens.mint(pin: pin, addresses: addresses, hostName: name, now_s: now)
      }
    }
    #expect(throws: JoinMintFault.token(.pin)) { try tokens.mint(pin: [1], addresses: addresses, now_s: now) }
    #expect(throws: JoinMintFault.token(.addresses)) { try tokens.mint(pin: pin, addresses: [], now_s: now) }
    #expect(tokens.records.isEmpty)
  }

  @Test("lets no token outlive the root that it pins as the one that agents show")
  func pinned() throws {
    var (tokens, authority) = (JoinTokens(), try Scene.authority())
    #expect(JoinTokens.maxLife_s < AuthorityTiming.propagation_s)
    _ = try authority.rotateRoot(now_s: now)
    let moves = try #require(authority.signingMoves_s)
    let (_, expires) = try tokens.mint(
      pin: authority.pin,
      addresses: addresses,
      until_s: authority.signingMoves_s,
      now_s: moves - 60
    )
    #expect(expires == moves)
  }

  @Test("is the same after a restart, and damaged bytes are refused", arguments: 0..<4 as Range<UInt64>)
  func stored(seed: UInt64) throws {
    var tokens = JoinTokens()
    let (token, _) = try tokens.mint(pin: pin, addresses: addresses, now_s: now)
    _ = try tokens.mint(pin: pin, addresses: addresses, hostName: "db-1", uses: 5, now_s: now)
    let bytes = tokens.encoded
    #expect(!bytes.contains(token.secret.bytes))
    var again = try JoinTokens(decoding: bytes)
    #expect(again == tokens && refusal(&again, token.secret, "h", now) == nil)
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let damaged = random.mutated(bytes)
      guard let read = try? JoinTokens(decoding: damaged) else { continue }
      #expect(read.encoded == damaged, "seed \(seed)")
    }
  }
}
