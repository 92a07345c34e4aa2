import AgentStore
import Foundation
import Glibc
import Logging
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("The directory of service files")
struct ServiceDirectoryTests {
  private let directory: TemporaryDirectory
  private let services: String

  init() throws {
    directory = try TemporaryDirectory()
    services = directory.file("services")
    try FileManager.default.createDirectory(atPath: services, withIntermediateDirectories: false)
  }

  private static let broken = "name: [\n"

  private func write(_ name: String, _ text: String) throws { try directory.write("services/\(name)", text) }

  /// Runs an agent's mesh with the directory for as long as `body` takes.
  private func life(_ log: HeardLog = HeardLog(), _ body: (MeshScene) async throws -> Void) async throws {
    let scene = try await MeshScene(directory.file("data"), log: log.logger)
    let files = ServiceDirectory(path: services, mesh: scene.mesh, log: log.logger)
    let running = Task { try await files.run() }
    do { try await body(scene) } catch {
      running.cancel()
      throw error
    }
    running.cancel()
    try await running.value
    try scene.store.close()
  }

  /// Waits until these services are known and no others.
  private func expect(_ names: [String], in scene: MeshScene) async throws {
    let deadline = Deadline()
    while await scene.names() != names {
      guard !deadline.isOver else { throw TestKitError("known are \(await scene.names()), not \(names)") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Waits until something is in the log.
  private func expect(_ words: String, in log: HeardLog) async throws {
    let deadline = Deadline()
    while !log.messages.contains(where: { $0.contains(words) }) {
      guard !deadline.isOver else { throw TestKitError("not said: \(words), but \(log.messages)") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  @Test("is read again where it changes while it is read")
  func changedMeanwhile() async throws {
    try write("a.yaml", Self.broken)
    // The error is told when names are listed and nothing is watched any later: here a change could be missed.
    let log = HeardLog { [directory] message in
      guard message.contains("a.yaml") else { return }
      _ = try? directory.write("services/b.yaml", "{name: late, port: 80}")
    }
    try await life(log) { try await expect(["late"], in: $0) }
  }

  @Test("takes nothing away for a file that is broken when the agent starts, until it is right again or gone")
  func brokenAtStart() async throws {
    try write("a.yaml", "{name: web, port: 80}")
    try write("b.yaml", "{name: db, port: 81}")
    try await life { try await expect(["db", "web"], in: $0) }
    try write("a.yaml", Self.broken)
    try FileManager.default.removeItem(atPath: services + "/b.yaml")
    let log = HeardLog()
    try await life(log) { scene in
      // What another file said is gone, so this one was looked at.
      try await expect(["web"], in: scene)
      try await expect("a.yaml", in: log)
      try write("a.yaml", "{name: other, port: 80}")
      try await expect(["other"], in: scene)
      try write("a.yaml", Self.broken)
      try write("c.yaml", "{name: mark, port: 82}")
      try await expect(["mark", "other"], in: scene)
      try FileManager.default.removeItem(atPath: services + "/a.yaml")
      try await expect(["mark"], in: scene)
    }
  }

  @Test("is followed by its path where another directory takes its place, and takes nothing away in between")
  func replaced() async throws {
    try write("a.yaml", "{name: web, port: 80}")
    try FileManager.default.createDirectory(atPath: directory.file("next"), withIntermediateDirectories: false)
    try directory.write("next/a.yaml", "{name: web, port: 80}")
    try directory.write("next/b.yaml", "{name: db, port: 81}")
    try await life { scene in
      try await expect(["web"], in: scene)
      try FileManager.default.moveItem(atPath: services, toPath: directory.file("old"))
      try FileManager.default.moveItem(atPath: directory.file("next"), toPath: services)
      try await expect(["db", "web"], in: scene)
      // It is the new one that is watched.
      try directory.write("old/c.yaml", "{name: late, port: 82}")
      try write("d.yaml", "{name: mark, port: 83}")
      try await expect(["db", "mark", "web"], in: scene)
      // One that is gone for good takes its services with it, but not before another could be in its place.
      try FileManager.default.moveItem(atPath: services, toPath: directory.file("older"))
      let started = ContinuousClock.now
      try await expect([], in: scene)
      #expect(ContinuousClock.now - started >= .seconds(ServiceDirectory.absence_s))
    }
  }

  @Test("is followed where it is a symbolic link that is moved over the one before")
  func relinked() async throws {
    try FileManager.default.removeItem(atPath: services)
    for (name, service) in [("one", "web"), ("two", "db")] {
      try FileManager.default.createDirectory(atPath: directory.file(name), withIntermediateDirectories: false)
      try directory.write("\(name)/a.yaml", "{name: \(service), port: 80}")
    }
    try FileManager.default.createSymbolicLink(atPath: services, withDestinationPath: "one")
    try await life { scene in
      try await expect(["web"], in: scene)
      try FileManager.default.createSymbolicLink(atPath: directory.file("next"), withDestinationPath: "two")
      #expect(Glibc.rename(directory.file("next"), services) == 0)
      try await expect(["db"], in: scene)
    }
  }

  @Test("takes nothing away while it cannot be read, says so once, and is read when it can be")
  func unreadable() async throws {
    try write("a.yaml", "{name: web, port: 80}")
    try await life { try await expect(["web"], in: $0) }
    // Root may read any directory: one that cannot be read is none.
    try FileManager.default.moveItem(atPath: services, toPath: directory.file("away"))
    try directory.write("services", "")
    let log = HeardLog()
    try await life(log) { scene in
      try await expect("\(services) cannot be read (opendir \(services): Not a directory)", in: log)
      #expect(await scene.names() == ["web"])
      try FileManager.default.removeItem(atPath: services)
      try FileManager.default.createDirectory(atPath: services, withIntermediateDirectories: false)
      try write("a.yaml", "{name: other, port: 80}")
      try await expect(["other"], in: scene)
      #expect(log.messages.count { $0.contains("cannot be read") } == 1)
    }
  }
}
