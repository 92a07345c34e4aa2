@testable import ProxyPath
import Testing
import WeftTestKit

/// Detection reads bytes of anybody. Inputs end at a page that must not be touched; see `GuardedBytes`.
@Suite struct DetectFuzzTests {
  #if DEBUG
    static let rounds = 4000
  #else
    static let rounds = 50_000
  #endif

  private static let corpus: [[UInt8]] =
    HelloBytes.samples.map(\.bytes)
    + HelloBytes.samples.map { HelloBytes.records(HelloBytes.unwrapped($0), size: 60) }
    + [HelloBytes.records(HelloBytes.message(extensions: HelloBytes.serverName(Array("a.example".utf8))))]
    + DetectTests.table.map { Array($0.0.utf8) }

  @Test(
    "Whatever bytes come, in whatever pieces, the answer is the same as for all at once, and within bounds",
    arguments: [1, 2] as [UInt64]
  )
  func mutations(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let memory = GuardedBytes(room: 64 << 10)
    for round in 0..<Self.rounds {
      // Hellos and the rest take turns, since the table is longer.
      let hellos = round % 4 != 0
      let base = (hellos ? Self.corpus[..<7] : Self.corpus[7...]).randomElement(using: &random) ?? []
      let bytes = random.mutated(base)
      guard !bytes.isEmpty else { continue }
      let whole = Detected(pieces: [bytes], in: memory)
      let pieces = Self.cut(bytes, using: &random)
      let piecemeal = Detected(pieces: pieces, in: memory)
      guard whole == piecemeal, Self.isPossible(whole) else {
        Issue.record("round \(round): \(bytes) in pieces of \(pieces.map(\.count)): \(piecemeal), at once \(whole)")
        return
      }
    }
  }

  private static func isPossible(_ detected: Detected) -> Bool {
    switch detected.result {
    case .silent, .serverFirst: false
    case .tls: (detected.name?.utf8.count ?? 0) <= 3 * ClientHello.nameLimit
    case .http1, .http2, .opaque: detected.name == nil && detected.protocols == nil
    }
  }

  private static func cut(_ bytes: [UInt8], using random: inout SplitMix64) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 1...max(1, bytes.count / 3), using: &random))
      pieces.append(bytes[start..<end])
      start = end
    }
    return pieces
  }
}
