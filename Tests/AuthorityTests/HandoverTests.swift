import SwiftASN1
import Testing

@testable import Authority

@Suite("A root that leaves")
struct HandoverTests {
  private let start = Scene.start_s

  /// Replaces the root, from `now_s` on until the old one has left; when that was.
  private func replace(_ authority: inout AuthorityState, from now_s: Int64) throws -> Int64 {
    _ = try authority.rotateRoot(now_s: now_s)
    _ = try authority.tick(now_s: now_s + AuthorityTiming.propagation_s)
    let left_s = now_s + AuthorityTiming.propagation_s + AuthorityTiming.retirement_s
    #expect(try authority.tick(now_s: left_s).contains(.rootRetired))
    return left_s
  }

  @Test("says which follows it, and leads who knows it alone over several changes to the roots of now")
  func succession() throws {
    var authority = try Scene.authority()
    let first = authority.bundle
    var left_s = try replace(&authority, from: start)
    let second = authority.bundle
    #expect(first.followed(by: authority.handovers(now_s: left_s).map(\.statement)) == second)
    let handover = try #require(authority.handovers(now_s: left_s).first)
    #expect(handover.root == first.roots[0] && handover.left_s == left_s)
    #expect(handover.isSigned(byFormer: authority.formerRoots, of: authority.trustDomain))
    #expect(!handover.isSigned(byFormer: authority.bundle.roots, of: authority.trustDomain))
    left_s = try replace(&authority, from: left_s)
    let told = authority.handovers(now_s: left_s).map(\.statement)
    for order in [told, told.reversed()] {
      #expect(first.followed(by: order) == authority.bundle && second.followed(by: order) == authority.bundle)
    }
    #expect(authority.bundle.followed(by: told) == nil, "who has the roots of now is led nowhere")
    #expect(try Scene.authority().bundle.followed(by: told) == nil, "nor is a stranger")
  }

  @Test("is heard for a week, and no longer once it is forgotten")
  func time() throws {
    var authority = try Scene.authority()
    let left_s = try replace(&authority, from: start)
    #expect(authority.handovers(now_s: left_s + AuthorityTiming.renewal_s - 1).count == 1)
    #expect(authority.handovers(now_s: left_s + AuthorityTiming.renewal_s) == [])
    try authority.forget(root: sha256(authority.formerRoots[0]), now_s: left_s)
    #expect(authority.handovers(now_s: left_s) == [])
  }

  @Test("has its last word on disk; a state of before there were any is read as well")
  func coding() throws {
    var authority = try Scene.authority()
    let left_s = try replace(&authority, from: start)
    let read = try AuthorityState(decoding: authority.encoded, keys: authority.keys)
    let handovers = authority.handovers(now_s: left_s)
    #expect(read.handovers(now_s: left_s) == handovers)
    #expect(try Handover.decode(Handover.encode(handovers)) == handovers)
    var nodes: [ASN1Node] = []
    _ = try DER.sequence(DER.parse(authority.encoded), identifier: .sequence) { parts in
      while let node = parts.next() { nodes.append(node) }
    }
    let older = encodedSequence { parts in for node in nodes.dropLast() { parts.serialize(node) } }
    let old = try AuthorityState(decoding: older, keys: authority.keys)
    #expect(old.bundle == authority.bundle && old.handovers(now_s: left_s) == [])
  }
}
