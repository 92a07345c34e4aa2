import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Load generators through two proxies")
struct ProgramsLoadTests {
  @Test("wrk counts neither an error nor an answer other than 2xx in two seconds with 32 connections")
  func wrk() throws {
    let scene = try ProgramsScene()
    let site = try ProgramsSite(in: scene.pods.server, on: scene.address)
    let outcome = try scene.pods.client.run("wrk", "-t", "2", "-c", "32", "-d", "2s", "\(scene.url)/hello").orThrow()
    #expect(outcome.output.contains("requests in"))
    #expect(!outcome.output.contains("Socket errors"), "\(outcome)")
    #expect(!outcome.output.contains("Non-2xx"), "\(outcome)")
    #expect(scene.complaints.isEmpty)
    withExtendedLifetime(site) {}
  }

  /// A debug build serves a tenth, which takes as long.
  private static let isRelease = ProcessInfo.processInfo.environment["WEFT_BIN_DIR"] != nil

  @Test("a million requests leave as little memory behind as ten thousand", .timeLimit(.minutes(10)))
  func memory() throws {
    let scene = try ProgramsScene()
    let site = try ProgramsSite(in: scene.pods.server, on: scene.address)
    func ask(_ count: Int) throws {
      let outcome = try scene.pods.client.command(
        "h2load",
        "--h1",
        "-t1",
        "-c32",
        "-n\(count)",
        "\(scene.url)/hello"
      ).run(within: .seconds(500)).orThrow()
      #expect(outcome.output.contains("\(count) succeeded, 0 failed"), "\(outcome)")
    }
    try ask(10_000)
    let before = try scene.proxies.map { try $0.memory() }
    try ask(Self.isRelease ? 1_000_000 : 100_000)
    let after = try scene.proxies.map { try $0.memory() }
    for (before, after) in zip(before, after) {
      // Room for a table that grows once more; a leak of a few bytes a request would show.
      #expect(after.anonymous - before.anonymous < 512 << 10)
      #expect(after.resident - before.resident < 512 << 10)
      print("resident \(before.resident >> 10) KiB, then \(after.resident >> 10) KiB")
      print("anonymous \(before.anonymous >> 10) KiB, then \(after.anonymous >> 10) KiB")
    }
    withExtendedLifetime(site) {}
  }
}
