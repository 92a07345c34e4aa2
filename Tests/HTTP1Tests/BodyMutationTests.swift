import HTTP1
import Testing
import WeftTestKit

/// Chunked bodies of anybody. Inputs end at a page that must not be touched; see `GuardedBytes`.
@Suite struct BodyMutationTests {
  #if DEBUG
    static let rounds = 4000
  #else
    static let rounds = 100_000
  #endif

  private static let corpus: [[UInt8]] =
    [
      "3\r\nabc\r\n0\r\n\r\nGET /", "1;a=b\r\na\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n",
      "7fffffffffffffff\r\nabc", "000a \t;x\r\n0123456789\r\n0;y\r\nA:\r\nB: c \r\n\r\n0\r\n\r\n",
    ].map { Array($0.utf8) } + BodyDecoderTests.faults.map { Array($0.text.utf8) }.filter { $0.count < 100 }

  @Test("A body cut at any byte, or into single bytes, is read as at once")
  func everyCut() {
    let memory = GuardedBytes(room: 4096)
    for bytes in Self.corpus {
      let decoder = BodyDecoder(RequestFraming.chunked)
      let whole = BodyReader(decoder, [bytes[...]], in: memory)
      for cut in bytes.indices {
        let parts = BodyReader(decoder, [bytes[..<cut], bytes[cut...]], in: memory)
        #expect(parts.agrees(with: whole), "cut at \(cut): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
      let single = BodyReader(decoder, bytes.indices.map { bytes[$0...$0] }, in: memory)
      #expect(single.agrees(with: whole), "in single bytes: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
  }

  @Test("Whatever bytes come, in whatever pieces, the body is the same as for all at once", arguments: [1, 2])
  func mutations(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let memory = GuardedBytes(room: 4096)
    for round in 0..<Self.rounds {
      let bytes = random.mutated(Self.corpus.randomElement(using: &random) ?? [])
      let decoder = BodyDecoder(RequestFraming.chunked)
      let whole = BodyReader(decoder, [bytes[...]], in: memory)
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...7, using: &random))
        pieces.append(bytes[start..<end])
        start = end
      }
      guard BodyReader(decoder, pieces, in: memory).agrees(with: whole) else {
        Issue.record("round \(round): \(bytes) in pieces of \(pieces.map(\.count))")
        return
      }
    }
  }

  @Test("A body written in chunks is read as it was", arguments: [1, 2, 3] as [UInt64])
  func roundTrip(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let memory = GuardedBytes(room: 64 << 10)
    var body: [UInt8] = []
    let bytes = writtenBytes { writer in
      for _ in 0..<20 {
        let chunk = (0..<Int.random(in: 0...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        guard !chunk.isEmpty else { continue }
        body += chunk
        writer.putChunkHead(size: chunk.count)
        chunk.withUnsafeBytes { writer.put($0) }
        writer.putChunkTail()
      }
      writer.putBodyEnd()
    }
    guard let bytes else {
      Issue.record("it does not fit")
      return
    }
    let read = BodyReader(BodyDecoder(RequestFraming.chunked), [bytes[...]], in: memory)
    #expect(read.end == .finished && read.data == body && read.consumed == bytes.count)
  }
}
