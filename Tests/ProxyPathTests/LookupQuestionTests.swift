import Discovery
import Kernel
import MeshModel
@testable import ProxyPath
import Reactor
import Testing

@Suite struct LookupQuestionTests {
  private func withBytes<Result>(
    _ namespace: String,
    _ service: String,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
  ) -> Result {
    Array(namespace.utf8).withUnsafeBytes { namespace in
      Array(service.utf8).withUnsafeBytes { body(namespace, $0) }
    }
  }

  private func question(_ namespace: String, _ service: String) -> LookupKey? {
    withBytes(namespace, service) { LookupQuestion(namespace: $0, service: $1)?.key }
  }

  @Test("A question carries an address as it is, and a service's name in lower case")
  func keys() {
    let ip = IPAddress(high: 1, low: 2)
    #expect(LookupQuestion(ip).key == .address(ip))
    #expect(question("Shop", "WEB") == .host(namespace: "shop", service: "web"))
    let longest = String(repeating: "a", count: LookupQuestion.labelLimit)
    #expect(question(longest, longest) == .host(namespace: longest, service: longest))
    #expect(question(longest, longest + "a") == nil && question(longest + "a", longest) == nil)
    #expect(question("", "web") == nil && question("shop", "") == nil)
  }

  @Test("Keys have the same fingerprint exactly where they are the same, whoever computes it")
  func fingerprints() {
    let hash = LookupHash(seeds: 1, 2)
    let names = [
      ("shop", "web"), ("web", "shop"), ("sho", "pweb"), ("shopw", "eb"), ("aaaaaaaa", "a"), ("a", "aaaaaaaa"),
      ("aaaaaaaaa", "a"), ("aaaaaaab", "a"),
    ]
    for (index, name) in names.enumerated() {
      let key = LookupKey.host(namespace: name.0, service: name.1)
      #expect(withBytes(name.0.uppercased(), name.1) { hash(namespace: $0, service: $1) } == hash(key))
      #expect(LookupHash(seeds: 1, 3)(key) != hash(key))
      for other in names[(index + 1)...] { #expect(hash(key) != hash(.host(namespace: other.0, service: other.1))) }
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
