import AgentStore
import MeshAPI
import MeshDocuments
import MeshModel
import Registry
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("The mesh as one host knows it")
struct MeshTests {
  private let web = Registration(Registration.Key(name: "web"), ports: [.init(port: 8080)])
  private static let service = """
    apiVersion: v1
    kind: Service
    metadata: {name: db}
    spec: {clusterIP: 198.18.0.9, ports: [{port: 5432}]}
    """
  private static let changed = """
    apiVersion: v1
    kind: Service
    metadata: {name: db}
    spec: {clusterIP: 198.18.0.9, ports: [{port: 5433}]}
    """
  private static let other = """
    apiVersion: v1
    kind: Service
    metadata: {name: other}
    spec: {clusterIP: 198.18.0.10, ports: [{port: 5432}]}
    """

  @Test("What was registered and applied is there after a restart, at the same addresses, and of the same host")
  func restart() async throws {
    let directory = try TemporaryDirectory()
    var scene = try await MeshScene(directory.file("data"))
    _ = try await scene.mesh.register([web], owner: .user(0))
    let answer = try await scene.apply(Self.service)
    #expect(answer.outcomes.map(\.action) == [.created])
    let before = await scene.mesh.listServices(namespace: "", name: "")
    #expect(before.services.map(\.name) == ["db", "web"])
    let owner = await scene.mesh.identity.owner
    try scene.store.close()

    scene = try await MeshScene(directory.file("data"))
    #expect(await scene.mesh.listServices(namespace: "", name: "") == before)
    #expect(await scene.mesh.identity.owner == owner)
    try scene.store.close()
  }

  @Test("What cannot be written is not shown, and what was there before still is")
  func unwritten() async throws {
    let directory = try TemporaryDirectory()
    let scene = try await MeshScene(directory.file("data"))
    _ = try await scene.apply(Self.service)
    try scene.store.close()  // as if the disk were gone
    await #expect(throws: (any Error).self) { _ = try await scene.mesh.register([web], owner: .user(0)) }
    await #expect(throws: (any Error).self) {
      _ = try await scene.apply(Self.other)
    }
    #expect(await scene.names() == ["db"])
  }

  @Test("A flood of registrations that are all refused costs its user what it may change")
  func refusedFlood() async throws {
    let directory = try TemporaryDirectory()
    let scene = try await MeshScene(directory.file("data"))
    let count = UInt16(RegistryLimit.changeBurst * 0.6)
    let many = (1...count).map { Registration(.init(name: "s\($0)"), ports: [.init(port: $0)]) }
    let bad = Registration(.init(name: "NoName"), ports: [.init(port: 1)])
    // Root's: others have a share of the places only.
    func refusal() async -> RegistryRefusal? {
      do { _ = try await scene.mesh.register(many + [bad], owner: .user(0)) } catch { return error as? RegistryRefusal }
      return nil
    }
    guard case .invalid = await refusal() else { throw TestKitError("the bad registration was not refused as such") }
    #expect(await refusal() == .tooManyChanges(user: 0))
    #expect(await scene.names() == [])
    _ = try await scene.mesh.register([web], owner: .user(8))
    try scene.store.close()
  }

  @Test("A service that nobody runs any more is gone, and its document alone keeps one")
  func gone() async throws {
    let directory = try TemporaryDirectory()
    let scene = try await MeshScene(directory.file("data"))
    _ = try await scene.mesh.register([web], owner: .user(7))
    await #expect(throws: RegistryRefusal.self) {
      try await scene.mesh.deregister(web.key, owner: .user(8))
    }
    try await scene.mesh.deregister(web.key, owner: .user(7))
    #expect(await scene.names() == [])
    _ = try await scene.apply(Self.service)
    #expect(await scene.names() == ["db"])
    _ = try await scene.apply(Self.changed)
    #expect(await scene.mesh.listServices(namespace: "", name: "db").services.map(\.ports) == [["5433"]])
    let answer = try await scene.mesh.delete(
      [DocumentKey(kind: "Service", namespace: "default", name: "db")],
      isDryRun: false
    )
    #expect(answer.outcomes.map(\.action) == [.deleted])
    #expect(await scene.names() == [])
    try scene.store.close()
  }

  @Test("However many services one call changes, they are on disk in one transaction, and their addresses in another")
  func transactions() async throws {
    let directory = try TemporaryDirectory()
    let scene = try await MeshScene(directory.file("data"))
    let services = (0..<300).map {
      Registration(Registration.Key(name: "s\($0)"), ports: [.init(port: 1_000 + UInt16($0))])
    }
    let before = scene.store.transactionCount
    _ = try await scene.mesh.register(services, owner: .user(0))
    #expect(scene.store.transactionCount == before + 2)
    #expect(try scene.store.registrations().records.count == 300)
    #expect(try scene.store.virtualAddresses().assignments.count == 300)
    _ = try await scene.mesh.register(services, owner: .user(0))
    #expect(scene.store.transactionCount == before + 2, "what is so already is not written again")

    await scene.mesh.adopt(files: [ServiceFile(path: "a.yaml", registrations: services)])
    #expect(scene.store.transactionCount == before + 3, "the files own them now, and the addresses stay")
    await scene.mesh.adopt(files: [ServiceFile(path: "a.yaml", registrations: Array(services[..<100]))])
    #expect(scene.store.transactionCount == before + 5, "what is gone, and when its addresses were given up")
    #expect(await scene.names().count == 100)
    try scene.store.close()

    let again = try await MeshScene(directory.file("data"))
    #expect(again.store.transactionCount <= 1, "a start finds all as it was; the host's head alone is renewed")
    #expect(await again.names().count == 100)
    try again.store.close()
  }

  @Test("A document with an error is refused with its place, and takes nothing else with it")
  func refused() async throws {
    let directory = try TemporaryDirectory()
    let scene = try await MeshScene(directory.file("data"))
    let answer = try await scene.apply(Self.service + "\n---\napiVersion: v1\nkind: Servise\nmetadata: {name: x}\n")
    #expect(answer.outcomes.isEmpty)
    #expect(answer.issues.first?.file == "test.yaml")
    #expect((answer.issues.first?.line ?? 0) > 4)
    #expect(await scene.names() == [])
    try scene.store.close()
  }
}
