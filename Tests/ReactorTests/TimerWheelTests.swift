import Reactor
import Testing
import WeftTestKit

@Suite struct TimerWheelTests {
  /// Where a run begins: at zero, close to the places where 32 bits wrap and change sign, and in between.
  static let starts: [Int64] = [0, 1 << 32 - 700, 1 << 31 - 700, 123_456_789]
  static let seeds: [UInt64] = [1, 2, 3]

  @Test(
    "Whatever is set, moved, cancelled and waited for, the wheel expires what a plain list of deadlines expires",
    arguments: starts,
    seeds
  )
  func agreesWithTheModel(start: Int64, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var model = TimerModel(now: start)
    var wheel = TimerWheel(now: model.tick)
    for step in 0..<20_000 {
      let index = UInt32.random(in: 0..<200, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let deadline = model.now + Self.distance(using: &random)
        model.set(index, deadline: deadline)
        wheel.set(index, deadline: TimerModel.wrapped(deadline))
      case 5..<7:
        model.cancel(index)
        wheel.cancel(index)
      default:
        let expected = model.advance(to: model.now + Self.leap(using: &random))
        var expired: [UInt32] = []
        wheel.advance(to: model.tick, into: &expired)
        guard expired.sorted() == expected else {
          Issue.record("step \(step): expired \(expired.sorted()), not \(expected)")
          return
        }
      }
      guard check(wheel.count, wheel.patience(now: model.tick), model, step) else { return }
    }
  }

  /// Records an issue, and false, where the wheel's figures break their promise.
  private func check(_ count: Int, _ patience: UInt32?, _ model: TimerModel, _ step: Int) -> Bool {
    guard count == model.count, (patience == nil) == model.isEmpty else {
      Issue.record("step \(step): \(count) timers and patience \(patience as Any), not \(model.count) timers")
      return false
    }
    guard let patience, let earliest = model.earliest else { return true }
    guard patience >= 1, patience <= 256, Int64(patience) <= max(1, earliest - model.now) else {
      Issue.record("step \(step): patience \(patience), but a timer is due in \(earliest - model.now)")
      return false
    }
    return true
  }

  /// Mostly near, sometimes past, beyond the horizon of 256 ticks, or years away.
  private static func distance(using random: inout SplitMix64) -> Int64 {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: Int64.random(in: -300...0, using: &random)
    case 1..<6: Int64.random(in: 0...12, using: &random)
    case 6..<9: Int64.random(in: 200...600, using: &random)
    case 9: [254, 255, 256, 257, 511, 512, 513].randomElement(using: &random) ?? 256
    case 10: Int64.random(in: 1000...20_000, using: &random)
    default: Int64.random(in: 1 << 20...1 << 30, using: &random)
    }
  }

  /// Mostly a tick or none, sometimes a whole wheel and more.
  private static func leap(using random: inout SplitMix64) -> Int64 {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<14: Int64.random(in: 0...3, using: &random)
    case 14..<17: Int64.random(in: 4...200, using: &random)
    case 17: [254, 255, 256, 257, 511, 512, 513].randomElement(using: &random) ?? 256
    case 18: Int64.random(in: 300...5000, using: &random)
    default: Int64.random(in: 5000...1 << 24, using: &random)
    }
  }

  @Test("A loop that sleeps exactly as long as it is told to expires every timer on its very tick", arguments: seeds)
  func patienceIsEnough(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let start: Int64 = 1 << 32 - 10_000
    var wheel = TimerWheel(now: TimerModel.wrapped(start))
    var deadlines: [Int64] = []
    for index in 0..<300 {
      deadlines.append(start + Int64.random(in: 1...20_000, using: &random))
      wheel.set(UInt32(index), deadline: TimerModel.wrapped(deadlines[index]))
    }
    var (now, turns) = (start, 0)
    while let patience = wheel.patience(now: TimerModel.wrapped(now)) {
      (now, turns) = (now + Int64(patience), turns + 1)
      var expired: [UInt32] = []
      wheel.advance(to: TimerModel.wrapped(now), into: &expired)
      for index in expired { #expect(deadlines[Int(index)] == now) }
    }
    #expect(wheel.count == 0)
    // Every turn has a reason: a timer, or the horizon.
    #expect(turns <= 300 + 20_000 / 200)
  }

  @Test("A timer that is cancelled or moved while others of its bucket expire does not take them with it")
  func neighboursInOneBucket() {
    var wheel = TimerWheel(now: 10)
    for index in UInt32(0)..<5 { wheel.set(index, deadline: 20) }
    wheel.cancel(0)
    wheel.cancel(2)
    wheel.cancel(2)
    wheel.set(4, deadline: 21)
    var expired: [UInt32] = []
    wheel.advance(to: 20, into: &expired)
    #expect(expired.sorted() == [1, 3])
    wheel.advance(to: 21, into: &expired)
    #expect(expired.sorted() == [1, 3, 4])
    #expect(wheel.count == 0)
    #expect(wheel.patience(now: 21) == nil)
  }

  @Test("An hour's timer survives a suspended machine: it expires at the first look after its hour")
  func suspended() {
    var wheel = TimerWheel(now: .max - 5)
    wheel.set(7, deadline: (.max - 5) &+ 14_400)
    var expired: [UInt32] = []
    wheel.advance(to: (.max - 5) &+ 14_399, into: &expired)
    #expect(expired.isEmpty)
    wheel.advance(to: (.max - 5) &+ 1_000_000, into: &expired)
    #expect(expired == [7])
  }

  @Test("Time that seems to run backwards expires nothing and loses nothing")
  func backwards() {
    var wheel = TimerWheel(now: 1000)
    wheel.set(1, deadline: 1010)
    var expired: [UInt32] = []
    wheel.advance(to: 900, into: &expired)
    #expect(expired.isEmpty)
    wheel.advance(to: 1010, into: &expired)
    #expect(expired == [1])
  }
}
