internal import Foundation
internal import Glibc

/// Cleans up after a test run that could not: a shell in its own process group waits for the end of a pipe only this process
/// holds. However the process ends (Ctrl-C, a crash, kill -9, or that of `swift test`: RunnerWatch.swift), the janitor then ends the programs still running in its
/// namespaces and removes those and its directories. The first one also sweeps what dead runs left.
final class Janitor: Sendable {
  static let shared = Janitor()

  // Holds the pipe's write end for the life of the process; opened once.
  private let lifeline = LazyOnce<Descriptor>()

  /// Starts it once; cheap afterwards.
  func start() throws { _ = try lifeline.value { try Self.launch() } }

  /// Reads until the last writer is gone. Programs get TERM first and 3 s to clean up what is theirs, as scripts/demo
  /// must; those that are left get KILL, and processes in our namespaces too, by pid.
  private static let script = """
    trap '' INT TERM HUP
    remove() {
      for pid in $(ip netns pids "$1" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
      ip netns delete "$1" 2>/dev/null
    }
    sweep() {
      for path in /run/netns/"$1"-* /tmp/"$1"-*; do
        [ -e "$path" ] || continue
        name=${path##*/}
        owner=${name#wt-}
        owner=${owner%%-*}
        case $owner in '' | *[!0-9]*) continue ;; esac
        [ "$2" = all ] || [ ! -d "/proc/$owner" ] || continue
        case $path in /run/netns/*) remove "$name" ;; *) rm -rf "$path" ;; esac
      done
    }
    sweep wt dead
    echo ready
    while read -r verb group; do
      case $verb in
        began) groups="$groups $group " ;;
        ended) groups=$(printf '%s' "$groups" | sed "s/ $group / /") ;;
      esac
    done
    lives() { for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && return; done; return 1; }
    for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
    tenths=30
    while [ $tenths -gt 0 ] && lives; do sleep 0.1; tenths=$((tenths - 1)); done
    for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
    sweep "wt-$1" all
    """

  private static func launch() throws -> Descriptor {
    let input = try Descriptor.pipe()
    let output = try Descriptor.pipe()
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { _ = close(null) }
    _ = try Spawn(
      arguments: ["/bin/sh", "-c", script, "weft-janitor", String(getpid())],
      input: input.read.number,
      output: output.write.number,
      error: null
    ).start()
    output.write.close()
    // Its first line says the sweep of dead runs is over, so it cannot race with what this run makes.
    var byte: UInt8 = 0
    guard read(output.read.number, &byte, 1) == 1 else { throw TestKitError("the janitor shell did not start") }
    RunnerWatch.start()
    return input.write
  }

  /// Tells it of a process group to end if this process dies first.
  func began(group: pid_t) throws {
    try start()
    try tell("began \(group)\n")
  }

  /// That group is over.
  func ended(group: pid_t) { try? tell("ended \(group)\n") }

  private func tell(_ line: String) throws {
    let lifeline = try lifeline.value { try Self.launch() }
    // Lines are far below PIPE_BUF, so writes of several threads do not mix.
    _ = line.withCString { write(lifeline.number, $0, strlen($0)) }
  }
}

/// A value made at most once, by whichever thread asks first; others wait for it.
final class LazyOnce<Value: Sendable>: @unchecked Sendable {
  // Unchecked: `made` is only touched under `lock`.
  private var made: Value?
  private let lock = NSLock()

  func value(_ make: () throws -> Value) throws -> Value {
    try lock.withLock {
      if let made { return made }
      let value = try make()
      made = value
      return value
    }
  }
}
