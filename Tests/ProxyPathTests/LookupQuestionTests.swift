import Kernel
import MeshModel
@testable import ProxyPath
import Reactor
import Testing

@Suite struct LookupQuestionTests {
  private func question(_ host: String) -> LookupKey? {
    Array(host.utf8).withUnsafeBytes { LookupQuestion(host: $0)?.key }
  }

  private func fingerprint(_ hash: LookupHash, _ host: String) -> LookupFingerprint {
    Array(host.utf8).withUnsafeBytes { hash(host: $0) }
  }

  @Test("A question carries an address as it is, and a host in lower case without a dot at its end")
  func keys() {
    let ip = IPAddress(high: 1, low: 2)
    #expect(LookupQuestion(ip).key == .address(ip))
    #expect(question("Web.Shop.MESH.") == .host("web.shop.mesh"))
    #expect(question("web") == .host("web"))
    #expect(question("") == nil)
    let longest = String(repeating: "a", count: LookupQuestion.nameLimit)
    #expect(question(longest) == .host(longest))
    #expect(question(longest + ".") == .host(longest))
    #expect(question(longest + "a") == nil)
  }

  @Test("Keys have the same fingerprint exactly where they are the same, whoever computes it")
  func fingerprints() {
    let hash = LookupHash(seeds: 1, 2)
    let hosts = ["web", "web.shop", "wob", "webweb", "a", "aaaaaaaa", "aaaaaaaaa", "aaaaaaab", "web.shop.svc.cluster.local"]
    for (index, host) in hosts.enumerated() {
      #expect(fingerprint(hash, host) == hash(.host(host)))
      #expect(fingerprint(hash, host.uppercased() + ".") == hash(.host(host)))
      #expect(fingerprint(LookupHash(seeds: 1, 3), host) != hash(.host(host)))
      for other in hosts[(index + 1)...] { #expect(hash(.host(host)) != hash(.host(other))) }
    }
    let addresses = [IPAddress(v4: 1), IPAddress(v4: 2), IPAddress(high: 1, low: 0), IPAddress(high: 0, low: 1)]
    #expect(Set(addresses.map { hash(.address($0)).low }).count == addresses.count)
    #expect(Set(addresses.map { hash(.address($0)).high }).count == addresses.count)
    #expect(hash(addresses[0]) == hash(.address(addresses[0])))
  }

  @Test("The inbox gives each key once, wakes whoever watches it, and refuses what does not fit")
  func inbox() throws {
    let inbox = try LookupInbox(workers: 2)
    let loop = try Epoll()
    inbox.watch(by: loop, token: Token(.mail, index: 0))
    #expect(loop.wait(timeout_ms: 0) == 0)
    let (one, two) = (IPAddress(v4: 1), IPAddress(v4: 2))
    #expect(inbox.ask(LookupQuestion(one), worker: 0))
    #expect(inbox.ask(LookupQuestion(two), worker: 0))
    #expect(inbox.ask(LookupQuestion(one), worker: 1))
    inbox.ring()
    #expect(loop.wait(timeout_ms: 10_000) == 1)
    #expect(inbox.takeAll() == [.address(one), .address(two)])
    #expect(inbox.takeAll() == [])
    #expect(loop.wait(timeout_ms: 0) == 0)
    for number in 0..<LookupLimit.waiting {
      #expect(inbox.ask(LookupQuestion(IPAddress(v4: UInt32(number))), worker: 0))
    }
    #expect(inbox.ask(LookupQuestion(one), worker: 0) == false)
    #expect(inbox.takeAll().count == LookupLimit.waiting)
    #expect(inbox.ask(LookupQuestion(one), worker: 0))
  }
}
