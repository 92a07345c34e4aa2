import Authority
import Foundation
import GRPCCore
import Glibc
import MeshAPI
import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("The Workload API", .timeLimit(.minutes(1)))
struct WorkloadServiceTests {
  private func service(_ scene: TrustScene) -> WorkloadService {
    WorkloadService(trust: scene.trust, streams: WorkloadStreams())
  }

  @Test("ends a stream with its client, and keeps nothing of it")
  func cancelled() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let service = service(scene)
    let call = WorkloadCall(service, from: try Caller.own())
    var responses = call.responses.makeAsyncIterator()
    #expect(await responses.next()?.svids.first?.spiffeID == TrustScene.web)
    #expect(service.streams.count == 1)
    await call.cancel()
    _ = await call.end()
    #expect(service.streams.count == 0)
    // The actor is told in a task of its own.
    while await scene.trust.watcherCount > 0, !Task.isCancelled { await Task.yield() }
    #expect(await scene.trust.watcherCount == 0)
  }

  @Test("gives a certificate that one stream's asking renewed to the other streams of the identity")
  func shared() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let service = service(scene)
    let first = WorkloadCall(service, from: try Caller.own())
    var ofFirst = first.responses.makeAsyncIterator()
    let before = await ofFirst.next()
    scene.clock.advance(TrustScene.due_s)
    let second = WorkloadCall(service, from: try Caller.own())
    var ofSecond = second.responses.makeAsyncIterator()
    let fresh = await ofSecond.next()
    #expect(fresh != before)
    #expect(await ofFirst.next() == fresh)
    await first.cancel()
    await second.cancel()
  }

  @Test("gives rotated certificates and new roots to an open stream")
  func rotated() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let call = WorkloadCall(service(scene), from: try Caller.own())
    var responses = call.responses.makeAsyncIterator()
    var last = try #require(await responses.next()?.svids.first)
    for scope in [Weft_Agent_V1_RotateRequest.Scope.workloads, .intermediate, .root] {
      _ = try await scene.trust.rotate(scope)
      let next = try #require(await responses.next()?.svids.first)
      #expect(next.x509Svid != last.x509Svid, "\(scope)")
      #expect((next.bundle != last.bundle) == (scope == .root), "\(scope)")
      last = next
    }
    await call.cancel()
  }

  @Test("tells open streams whose intermediates are refused once a host has lost the authority's role")
  func revoked() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let call = WorkloadCall(service(scene), from: try Caller.own())
    var responses = call.responses.makeAsyncIterator()
    let before = try #require(await responses.next())
    #expect(before.weftRevokedSigners.isEmpty)
    let (own, other) = (
      OwnerID(name: "h1", key: HostKey().fingerprint), OwnerID(name: "h2", key: HostKey().fingerprint)
    )
    try await scene.trust.change(other, isGranted: true, own: own)
    try await scene.trust.change(other, isGranted: false, own: own)
    var told = try #require(await responses.next())
    while told.weftRevokedSigners.isEmpty { told = try #require(await responses.next()) }
    #expect(told.weftRevokedSigners == [Data(other.key.bytes)])
    #expect(told.svids == before.svids, "it was not signed by that host")
    await call.cancel()
  }

  @Test("ends the stream of a program whose identity was taken back, and says so")
  func takenBack() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let call = WorkloadCall(service(scene), from: try Caller.own())
    var responses = call.responses.makeAsyncIterator()
    _ = await responses.next()
    _ = try await scene.trust.deleteWorkload(TrustScene.web)
    let end = await call.end()
    #expect(end?.code == .permissionDenied)
    #expect(end?.message.hasPrefix("no identity issued: uid \(geteuid()), gid ") == true)
    #expect(end?.message.hasSuffix("matches no registered workload; see `weft identity`") == true)
  }

  @Test("refuses a request without the security header as an invalid argument")
  func header() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    for metadata in [[:], ["workload.spiffe.io": "yes"]] as [Metadata] {
      let end = await WorkloadCall(service(scene), from: try Caller.own(), metadata: metadata).end()
      #expect(end?.code == .invalidArgument)
      #expect(end?.message.contains("workload.spiffe.io: true") == true)
    }
  }

  @Test("tells a program that may come again that the authority is not there")
  func unavailable() async throws {
    let scene = try await TrustScene(remote: try FakeAuthority(.init("weft.local")) { 0 })
    try await scene.register()
    await scene.trust.use(nil)
    let end = await WorkloadCall(service(scene), from: try Caller.own()).end()
    #expect(end?.code == .unavailable)
    #expect(end?.message.contains("this host has no authority") == true)
  }
}
