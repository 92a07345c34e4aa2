import HTTP1
import Testing
import WeftTestKit

@Suite("The time that a call of gRPC may take")
struct GRPCTimeoutTests {
  private func read(_ text: String) -> UInt64? {
    Array(text.utf8).withUnsafeBytes { GRPCTimeout($0)?.nanoseconds }
  }

  private func write(_ time_ns: UInt64) -> String { written { $0.put(GRPCTimeout(nanoseconds: time_ns)) } ?? "" }

  @Test(
    "is read in all six units, with up to eight digits",
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
      ("6n", 6), ("99999999n", 99_999_999), ("00000007S", 7_000_000_000), ("99999999S", 99_999_999_000_000_000),
    ] as [(String, UInt64)]
  )
  func units(_ text: String, _ expected: UInt64) { #expect(read(text) == expected) }

  @Test("of more than 584 years is as good as none, and does not overflow")
  func huge() { #expect(read("99999999H") == .max && read("5124095H") == 18_446_742_000_000_000_000) }

  @Test(
    "is none where it is anything else",
    arguments: [
      "", "1", "S", "0S", "00m", "1s", "1h", "-1S", "+1S", "1.5S", " 1S", "1 S", "1S ", "123456789n", "1SS", "0x1S",
      "١S",
      "1\u{0}",
    ]
  )
  func bad(_ text: String) { #expect(read(text) == nil) }

  @Test(
    "is written in the finest unit that eight digits hold, rounded down, and never as nothing",
    arguments: [
      (1, "1n"), (99_999_999, "99999999n"), (100_000_000, "100000u"), (100_000_999, "100000u"),
      (99_999_999_999, "99999999u"), (100_000_000_000, "100000m"), (99_999_999_999_999, "99999999m"),
      (100_000_000_000_000, "100000S"), (.max, "5124095H"), (0, "1n"),
    ] as [(UInt64, String)]
  )
  func writing(_ time_ns: UInt64, _ expected: String) {
    #expect(write(time_ns) == "grpc-timeout: \(expected)\r\n")
  }

  @Test(
    "is written again in the unit and the digits that it had, where a head says one",
    arguments: [
      ("a: b\r\ngrpc-timeout: 100000u\r\nc: d\r\n\r\n", 99_000_000, "a: b\r\ngrpc-timeout: 099000u\r\nc: d\r\n\r\n"),
      ("x\r\ngrpc-timeout: 20000m\r\n\r\nbody", 1_999_999, "x\r\ngrpc-timeout: 00001m\r\n\r\nbody"),
      ("x\r\ngrpc-timeout: 20000m\r\n\r\n", 0, "x\r\ngrpc-timeout: 00001m\r\n\r\n"),
      ("x\r\na: b\r\n\r\nbody\r\ngrpc-timeout: 5S\r\n", 1, "x\r\na: b\r\n\r\nbody\r\ngrpc-timeout: 5S\r\n"),
      ("x\r\ngrpc-timeout: soon\r\n\r\n", 1, "x\r\ngrpc-timeout: soon\r\n\r\n"),
      ("x\r\ngrpc-timeout: 5", 1, "x\r\ngrpc-timeout: 5"), ("", 1, ""),
    ] as [(String, UInt64, String)]
  )
  func again(_ head: String, _ left_ns: UInt64, _ expected: String) {
    var bytes = Array(head.utf8)
    bytes.withUnsafeMutableBytes { GRPCTimeout(nanoseconds: left_ns).replace(in: $0) }
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  @Test(
    "never grows on its way through one proxy and another, of 20,000 seeded ones, and loses less than a ten-thousandth"
  )
  func roundTrip() throws {
    var random = SplitMix64(seed: 20_261_129)
    for _ in 0..<20_000 {
      let time_ns = UInt64.random(in: 1 ... .max >> UInt64.random(in: 0..<63, using: &random), using: &random)
      let line = write(time_ns)
      let again = try #require(read(String(line.dropFirst("grpc-timeout: ".count).prefix { !$0.isNewline })), "\(line)")
      #expect(again <= time_ns && time_ns - again <= time_ns / 1_000, "\(time_ns) \(line)")
      #expect(write(again) == line)
    }
  }

  @Test("is read from any bytes without harm: what is taken is a number and a unit, of 50,000 seeded texts")
  func anyBytes() {
    var random = SplitMix64(seed: 7)
    let alphabet = Array("0123456789HMSmun +-.x\0".utf8)
    for _ in 0..<50_000 {
      let bytes = (0..<Int.random(in: 0...10, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      let isRight =
        (2...9).contains(bytes.count) && "HMSmun".utf8.contains(bytes[bytes.count - 1])
        && bytes.dropLast().allSatisfy { (48...57).contains($0) } && bytes.dropLast().contains { $0 != 48 }
      #expect((bytes.withUnsafeBytes { GRPCTimeout($0) } != nil) == isRight, "\(bytes)")
    }
  }
}
