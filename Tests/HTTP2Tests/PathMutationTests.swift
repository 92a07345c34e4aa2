import Foundation
import Testing
import WeftTestKit

@testable import HTTP2

@Suite struct PathMutationTests {
  private typealias Frame = HTTP2Frame

  @Test(
    "Whatever the other side sends, a session reads it or fails, and each stream has its events in order and one end",
    arguments: 0..<400
  )
  func mutations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for role in [PathSession.Role.server, .client] {
      let party = try PathParty(role)
      if role == .client {
        for _ in 0..<3 { _ = try party.request([":method: GET", ":scheme: https", ":path: /a", ":authority: b"]) }
        _ = party.output()
        _ = party.takeEvents()
      }
      var order = StreamOrder()
      let bytes = random.mutated(role == .server ? Self.clientTalk : Self.serverTalk)
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = Array(rest.prefix(Int.random(in: 1...200, using: &random)))
        rest = rest.dropFirst(piece.count)
        order.note(party.receive(piece))
        let frames = Frame.all(in: party.output())
        order.note(party.takeEvents())
        #expect(frames.allSatisfy { $0.payload.count <= 16 << 10 })
      }
      #expect(party.refusal != .internalFault && order.faults == [], "seed \(seed)")
      #expect(party.openStreams >= 0)
    }
  }

  @Test("What the fuzzer begins with, and what it found, is read or refused, changed as well")
  func seeds() throws {
    for seed in try Self.corpus() { try check(seed) }
  }

  private func check(_ seed: Seed) throws {
    var random = SplitMix64(seed: UInt64(seed.bytes.count))
    for round in 0..<30 {
      let bytes = round == 0 ? seed.bytes : random.mutated(seed.bytes)
      guard let first = bytes.first else { continue }
      let party = try PathParty(first & 1 == 0 ? .server : .client)
      if first & 1 == 1 {
        for _ in 0..<3 { _ = try party.request([":method: GET", ":scheme: https", ":path: /a", ":authority: b"]) }
        _ = party.output()
        _ = party.takeEvents()
      }
      var order = StreamOrder()
      order.note(party.receive(Array(bytes.dropFirst()), pieceBytes: Int(first >> 1) + 1))
      _ = party.output()
      order.note(party.takeEvents())
      #expect(party.refusal != .internalFault && order.faults == [], "\(seed.name), round \(round)")
    }
  }

  /// A file of the fuzzer's.
  private struct Seed {
    let name: String
    let bytes: [UInt8]
  }

  private static func corpus() throws -> [Seed] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fuzz/Seeds/PathSession")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    guard files.count >= 20 else { throw TestKitError("no seeds in \(folder.path)") }
    return try files.map { Seed(name: $0.lastPathComponent, bytes: Array(try Data(contentsOf: $0))) }
  }

  @Test("Junk is no HTTP/2", arguments: 0..<50)
  func junk(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for role in [PathSession.Role.server, .client] {
      let party = try PathParty(role)
      let events = party.receive((0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) })
      _ = party.output()
      #expect(events == [] && !party.wantsInput && party.refusal != .none)
    }
  }

  /// What a client may say.
  private static let clientTalk: [UInt8] = {
    let get = PathBoundsTests.get
    let post = PathBoundsTests.post + [("content-length", "300"), ("te", "trailers"), ("cookie", "a=b")]
    let frames: [Frame] = [
      Frame(Frame.settings, [0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0]),
      Frame(Frame.settings, flags: Frame.acknowledgement),
      Frame(Frame.windowUpdate, Frame.number(1 << 20)),
      .headers(1, get, endStream: true), .headers(3, post), .data(3, [UInt8](repeating: 1, count: 300)),
      Frame(Frame.headers, stream: 5, Frame.literals(post)),
      Frame(Frame.continuation, flags: Frame.endHeaders, stream: 5, Frame.literals([("x", "y")])),
      .data(5, [1, 2, 3]), Frame(Frame.ping, [1, 2, 3, 4, 5, 6, 7, 8]),
      .headers(3, [("grpc-status", "0")], endStream: true),
      Frame(Frame.reset, stream: 5, Frame.number(8)), .headers(7, [(":method", "CONNECT"), (":authority", "b:1")]),
      .data(7, [UInt8](repeating: 9, count: 100)), Frame(Frame.windowUpdate, stream: 7, Frame.number(100)),
      Frame(Frame.priority, stream: 9, [0, 0, 0, 0, 16]), .data(7, [], endStream: true),
      Frame(Frame.goAway, Frame.number(0) + Frame.number(0) + Array("bye".utf8)),
    ]
    return Frame.preface + frames.flatMap(\.bytes)
  }()

  /// What a server may say to three requests.
  private static let serverTalk: [UInt8] = {
    let head: [(String, String)] = [(":status", "200"), ("content-length", "300")]
    let frames: [Frame] = [
      Frame(Frame.settings, [0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0, 1]),
      Frame(Frame.settings, flags: Frame.acknowledgement),
      .headers(1, [(":status", "103")]), .headers(1, head), .headers(3, [(":status", "404")], endStream: true),
      .data(1, [UInt8](repeating: 1, count: 300)), Frame(Frame.ping, [1, 2, 3, 4, 5, 6, 7, 8]),
      .headers(1, [("grpc-status", "0")], endStream: true), .headers(5, [(":status", "200")]), .data(5, [1, 2, 3]),
      Frame(Frame.windowUpdate, stream: 5, Frame.number(100)), Frame(Frame.reset, stream: 5, Frame.number(2)),
      Frame(Frame.goAway, Frame.number(5) + Frame.number(0) + Array("bye".utf8)),
    ]
    return frames.flatMap(\.bytes)
  }()
}

/// Whether the events of each stream are in an order that a caller may rely on.
private struct StreamOrder {
  private enum Phase { case open, body, ended, closed }

  private var phases: [Int32: Phase] = [:]
  private(set) var faults: [String] = []

  mutating func note(_ events: [PathParty.Told]) {
    for event in events where event.stream != 0 {
      let phase = phases[event.stream] ?? .open
      let next: Phase? =
        switch (event.what, phase) {
        case (.head(_, let ends), .open): ends ? .ended : .body
        case (.informational, .open): .open
        case (.data, .body): .body
        case (.trailers, .body), (.bodyEnded, .body): .ended
        case (.writable, .open), (.writable, .body), (.writable, .ended): phase
        // Nothing but its end follows a refusal.
        case (.refused, .open), (.refused, .body), (.refused, .ended): .ended
        case (.closed, .open), (.closed, .body), (.closed, .ended): .closed
        default: nil
        }
      if next == nil { faults.append("\(event) while \(phase)") }
      phases[event.stream] = next ?? .closed
    }
  }
}
