import Glibc
import Kernel
import MeshModel
import Testing
import TransportSecurity

@testable import ProxyPath

@Suite("The identity that a proxy hands over")
struct IdentityHandoverTests {
  private static let choice = IdentityChoice(namespace: "shop", serviceAccount: "web")

  /// An answer as `encode` writes it, of parts that need not fit each other.
  private func answer(_ material: MeshIdentity.Material, key: [UInt8]? = nil, bundle: [UInt8]? = nil) -> [UInt8] {
    let parts = [
      Array(material.id.description.utf8), material.chain, key ?? material.key, bundle ?? material.bundle,
      Array(material.revoked.joined()),
    ]
    return parts.reduce(IdentityHandover.mark) { answer, part in
      answer + withUnsafeBytes(of: UInt32(part.count).bigEndian) { Array($0) } + part
    }
  }

  private func outcome(
    of answer: [UInt8],
    now_s: Int64 = IdentityScene.now_s,
    choice: IdentityChoice = choice
  ) throws -> IdentityHandover.Outcome {
    let proxy = try HandoverTests.Predecessor { client in
      _ = answer.withUnsafeBytes { client.transmit($0) }
    }
    return IdentityHandover.request(from: proxy.path, choice: choice, now_s: now_s)
  }

  private func refusal(of answer: [UInt8], now_s: Int64 = IdentityScene.now_s, choice: IdentityChoice = choice) throws
    -> String?
  {
    guard case .refused(let reason) = try outcome(of: answer, now_s: now_s, choice: choice) else { return nil }
    return reason
  }

  @Test("is taken whole: the same chain and roots, and a key that signs for them")
  func taken() throws {
    var material = try IdentityScene().material()
    material.revoked = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)]
    var encoded: [UInt8] = []
    if let handed = IdentityHandover.encode(try MeshIdentity(material, after: nil)) { encoded = Array(handed.bytes) }
    #expect(encoded == answer(material), "the key is the one that came, in the same form")
    guard case .taken(let identity) = try outcome(of: encoded) else {
      Issue.record("it was not taken")
      return
    }
    #expect(identity.isSame(as: material))
    _ = try WorkerIdentity(identity)
  }

  @Test("is refused where the agent's would be, and where no peer would believe it, with the reason")
  func refused() throws {
    let scene = try IdentityScene()
    let good = try scene.material()
    let other = IdentityChoice(namespace: "shop", serviceAccount: "db")
    let who = try refusal(of: answer(good), choice: other)
    #expect(who == "it is of spiffe://mesh.test/ns/shop/sa/web, and not of /ns/shop/sa/db")
    #expect(try refusal(of: answer(good), now_s: IdentityScene.now_s + 10 * 86_400)?.contains("has expired") == true)
    #expect(try refusal(of: answer(good), now_s: IdentityScene.now_s - 86_400)?.contains("not valid yet") == true)
    let foreign = try IdentityScene().material().bundle
    #expect(try refusal(of: answer(good, bundle: foreign))?.contains("another mesh") == true)
    let otherKey = try scene.material("db").key
    #expect(try refusal(of: answer(good, key: otherKey))?.contains("not the one of the leaf") == true)
    let whole = answer(good)
    for broken in [Array(whole.dropLast()), whole + [0], IdentityHandover.mark, whole.replacingName(by: 0xff)] {
      #expect(try refusal(of: broken)?.contains("cannot be read") == true)
    }
  }

  @Test("is none where the proxy is of another version, breaks off, has none or is not there")
  func nothing() throws {
    for answer in ["", "HTTP/1.1 400 Bad Request\r\n\r\n{}", "HTTP/1.1 404 Not Found\r\n\r\n", "weft identi"] {
      guard case .nothing = try outcome(of: Array(answer.utf8)) else {
        Issue.record("\(answer) was taken for one")
        continue
      }
    }
    let nobody = IdentityHandover.request(from: "/tmp/wt-\(getpid())-nobody", choice: Self.choice, now_s: 0)
    guard case .nothing = nobody else {
      Issue.record("it was handed over by nobody")
      return
    }
  }

  @Test("leaves no copy of the key in what brought it")
  func wiped() throws {
    var material = try IdentityScene().material()
    _ = try MeshIdentity(material, after: nil)
    material.wipeKey()
    #expect(material.key.isEmpty)
    var memory = Array("secret".utf8)
    memory.withUnsafeMutableBytes { WipedBytes.wipe($0) }
    #expect(memory == [UInt8](repeating: 0, count: 6))
    var bytes = WipedBytes(capacity: 4)
    let isTaken = ([1, 2, 3] as [UInt8]).withUnsafeBytes { bytes.append($0) }
    let isTooMuch = !([4, 5] as [UInt8]).withUnsafeBytes { bytes.append($0) }
    let held = Array(bytes.bytes)
    #expect(isTaken && isTooMuch && held == [1, 2, 3], "there is no room for two more")
  }
}

extension [UInt8] {
  /// The same answer with a name that is no text.
  fileprivate func replacingName(by byte: UInt8) -> [UInt8] {
    var copy = self
    copy[IdentityHandover.mark.count + 4] = byte
    return copy
  }
}
