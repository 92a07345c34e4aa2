import Glibc
import Kernel
@testable import ProxyPath
import Reactor
import Testing
import WeftTestKit

@Suite struct RelayTests {
  enum Way: CaseIterable, Sendable {
    case tcp, local
    func make() throws -> StreamPair { try self == .tcp ? .tcp() : .local() }
  }

  #if DEBUG
    static let bulk = 2 << 20
  #else
    static let bulk = 16 << 20
  #endif

  /// The byte at an offset of the stream: no two blocks of the sizes used here look alike.
  private static func byte(_ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: offset ^ offset >> 8 &* 31 ^ offset >> 16)
  }

  @Test(
    "Every byte arrives in its order though the reader is slow, what waits stays bounded, and the end comes last",
    arguments: Way.allCases,
    [1, 2] as [UInt64]
  )
  func slowReader(way: Way, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bench = try RelayBench(way.make)
    let stream = (0..<Self.bulk).map(Self.byte)
    var (written, read, ended, turns) = (0, 0, false, 0)
    while !ended {
      turns += 1
      guard turns < 200_000 else {
        Issue.record("stuck after \(read) of \(written) bytes")
        return
      }
      var news = false
      if written < stream.count {
        let count = bench.source.write(
          stream[written..<min(stream.count, written + .random(in: 1...200_000, using: &random))]
        )
        written += count ?? 0
        news = (count ?? 0) > 0
        if written == stream.count { bench.source.finishWriting() }
      }
      let outcome = bench.turn(steps: .random(in: 1...4, using: &random))
      guard outcome.word == "waiting" || outcome.word == "unfinished" else {
        Issue.record("\(outcome) after \(read) bytes")
        return
      }
      let held = bench.flow.pending?.count ?? 0
      guard bench.pool.outstanding == held, held <= Int(bench.flow.readSize.bytes), held <= ReadSize.largest.bytes
      else {
        Issue.record("\(held) bytes wait, \(bench.pool.outstanding) are counted, reads are \(bench.flow.readSize)")
        return
      }
      if let bytes = try bench.sink.read(.random(in: 1...60_000, using: &random)) {
        guard bytes.elementsEqual(stream[read..<read + bytes.count]) else {
          Issue.record("bytes from \(read) on are not those that were sent")
          return
        }
        (read, ended, news) = (read + bytes.count, bytes.isEmpty, true)
      }
      // Nothing moved: packets are on their way.
      if !news, !outcome.isUnfinished { _ = bench.turn(timeout_ms: 100) }
    }
    #expect(read == stream.count)
    #expect(bench.flow.bytes == UInt64(stream.count))
    #expect(bench.flow.isForwarded == true)
    #expect(bench.pool.outstanding == 0)
  }

  @Test(
    "A reader that stops stops its writer: the proxy holds one read, and takes nothing more",
    arguments: Way.allCases
  )
  func backpressure(way: Way) throws {
    let bench = try RelayBench(way.make)
    let written = bench.stuff()
    let (held, taken) = (bench.pool.outstanding, bench.flow.bytes)
    #expect(held <= ReadSize.largest.bytes)
    #expect(taken <= UInt64(written))
    for _ in 0..<100 { _ = bench.turn() }
    #expect(bench.flow.bytes == taken)
    #expect(bench.pool.outstanding == held)
  }

  @Test(
    "The sender's end is passed on after the bytes that wait, not before and not without them",
    arguments: Way.allCases
  )
  func halfClose(way: Way) throws {
    let bench = try RelayBench(way.make)
    let written = bench.stuff()
    bench.source.finishWriting()
    for _ in 0..<5 { #expect(bench.turn(timeout_ms: 20).word == "waiting") }
    #expect(bench.flow.isForwarded == false, "bytes are still waiting")
    var read = 0
    while let bytes = try bench.sink.awaitRead(1 << 20), !bytes.isEmpty {
      read += bytes.count
      #expect(["waiting", "unfinished"].contains(bench.turn().word))
    }
    #expect(read == written)
    #expect((bench.flow.isForwarded && bench.flow.isEnded) == true)
    #expect(bench.turn().word == "waiting")
  }

  @Test("A half-closed way is closed alone: the receiver's own words still find the sender")
  func otherWay() throws {
    let bench = try RelayBench(Way.tcp.make)
    #expect(bench.source.write(Array("last words".utf8)) == 10)
    bench.source.finishWriting()
    _ = bench.turns { bench.flow.isForwarded }
    #expect(try bench.sink.awaitRead() == Array("last words".utf8))
    #expect(try bench.sink.awaitRead() == [])
    #expect(bench.sink.write([1, 2, 3]) == 3)
    var back = Flow()
    var pool = BufferPool(limit: 1 << 20)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(ReadSize.largest.bytes), alignment: 16)
    defer { scratch.deallocate() }
    for _ in 0..<100 where back.bytes < 3 {
      _ = bench.turn(timeout_ms: 100)
      _ = relay(from: &bench.receiver, to: &bench.sender, &back, through: scratch, pool: &pool)
    }
    #expect(try bench.source.awaitRead() == [1, 2, 3])
  }

  @Test("A sender's reset is told as that, after what it sent before")
  func senderResets() throws {
    let bench = try RelayBench(Way.tcp.make)
    #expect(bench.source.write(Array("abc".utf8)) == 3)
    _ = bench.turns { bench.flow.bytes == 3 }
    bench.source.reset()
    guard case .senderFailed(ECONNRESET) = bench.turns(until: { false }) else {
      Issue.record("the reset was not seen")
      return
    }
    #expect(try bench.sink.awaitRead() == Array("abc".utf8))
    #expect(bench.flow.isForwarded == false)
  }

  @Test("A receiver's reset is told as that, as soon as there is something to send it")
  func receiverResets() throws {
    let bench = try RelayBench(Way.tcp.make)
    bench.sink.reset()
    #expect(bench.turns { bench.receiver.isBroken }?.word == "waiting")
    #expect(bench.source.write([1]) == 1)
    guard case .receiverFailed(let code) = bench.turns(until: { false }) else {
      Issue.record("the reset was not seen")
      return
    }
    #expect(code == EPIPE || code == ECONNRESET)
  }

  @Test("A receiver's reset is told while bytes wait for it")
  func stuckReceiverResets() throws {
    let bench = try RelayBench(Way.tcp.make)
    _ = bench.stuff()
    bench.sink.reset()
    #expect(bench.turns(until: { false })?.word == "receiver failed")
  }

  @Test("A sender's reset is told at once though the receiver does not read, and would not for an hour")
  func senderResetsWhileStuck() throws {
    let bench = try RelayBench(Way.tcp.make)
    _ = bench.stuff()
    bench.source.reset()
    guard case .senderFailed(ECONNRESET) = bench.turns(until: { false }) else {
      Issue.record("the reset was not seen: it waits for the receiver")
      return
    }
  }

  @Test("With the worker's buffers over their limit a slow reader gets the smallest reads; below it, whole ones")
  func pressure() throws {
    let relaxed = try RelayBench(Way.local.make)
    _ = relaxed.stuff()
    #expect(relaxed.pool.outstanding > ReadSize.underPressure.bytes)
    let bench = try RelayBench(Way.local.make, poolLimit: 0)
    let ballast = [UInt8(1)].withUnsafeBytes { bench.pool.keep($0) }
    _ = bench.stuff()
    let held = bench.flow.pending?.count ?? 0
    #expect((1...Int(ReadSize.underPressure.bytes)).contains(held))
    bench.pool.giveBack(ballast)
  }

  @Test("A fast flow stops when its allowance is used up, says so, and goes on next turn without an event")
  func allowance() throws {
    let bench = try RelayBench(Way.local.make)
    let bytes = [UInt8](repeating: 5, count: 40 << 10)
    #expect(bench.source.write(bytes) == bytes.count)
    #expect(bench.turn(steps: 1).word == "unfinished")
    #expect(bench.flow.bytes == 16 << 10)
    #expect(bench.turn(steps: 1).word == "waiting", "the second read takes the rest: reads grow")
    #expect(bench.flow.bytes == 40 << 10)
    #expect(try bench.sink.read(1 << 20)?.count == 40 << 10)
  }

  @Test("Reads double with a flow that fills them, from 16 KiB to 512 KiB and no further")
  func growth() {
    var size = ReadSize.smallest
    let sizes = (0..<7).map { _ in
      defer { size.grow() }
      return size.bytes >> 10
    }
    #expect(sizes == [16, 32, 64, 128, 256, 512, 512])
  }

  @Test("A last message and its end that were announced together are read together, though the edge is spent")
  func spentEdge() throws {
    let bench = try RelayBench(Way.tcp.make)
    _ = bench.turn()
    #expect(bench.source.write([1, 2, 3]) == 3)
    bench.source.finishWriting()
    #expect(bench.turns { bench.flow.isForwarded }?.word == "waiting")
    #expect(try bench.sink.awaitRead() == [1, 2, 3])
    #expect(try bench.sink.awaitRead() == [])
  }
}
