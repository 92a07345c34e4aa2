import Foundation
import MeshModel
import WeftTestKit

/// Clocks that a test sets: each name's are those of the programs that were started with it (`Programs/skewed_clock.c`).
final class SkewedClocks {
  private let directory: TemporaryDirectory

  init(_ names: String...) throws {
    directory = try TemporaryDirectory()
    let source = "\(Binaries.repository)/Tests/IntegrationTests/Programs/skewed_clock.c"
    // Swift brings this compiler along.
    try Command("clang", ["-shared", "-fPIC", "-o", directory.file("clock.so"), source]).run().orThrow()
    for name in names {
      try set(name, hours: 0)
      try advance(name, minutes: 0)
    }
  }

  /// Sets the clock of real time so far ahead.
  func set(_ name: String, hours: Int) throws { try directory.write(name, "\(hours * 3_600)") }

  /// Sets the monotonic clock so far ahead of the machine's, by which timers run; it cannot be set back.
  func advance(_ name: String, minutes: Int) throws { try directory.write("\(name).monotonic", "\(minutes * 60)") }

  /// What a program's environment needs to go by the clock of that name.
  func environment(_ name: String) -> [String: String] {
    [
      "LD_PRELOAD": directory.file("clock.so"), "CLOCK_OFFSET_FILE": directory.file(name),
      "MONOTONIC_OFFSET_FILE": directory.file("\(name).monotonic"),
    ]
  }

  /// What lets an agent go by the clock of that name.
  func wrapper(_ name: String) -> [String] { ["env"] + environment(name).map { "\($0)=\($1)" } }
}
