import Foundation
import Glibc
import WeftTestKit

/// A host of its own with a real systemd as PID 1, on which the units of `scripts/systemd` are installed with the programs
/// they name. It has namespaces, accounts, /run, /tmp and /var of its own, and the machine's files for the rest.
final class SystemdHost {
  /// Why it cannot be here; nil where it can.
  static let obstacle: String? = {
    guard geteuid() == 0 else { return "root is needed" }
    for program in ["/lib/systemd/systemd", "/usr/bin/systemd-sysusers"] where access(program, X_OK) != 0 {
      return "no \(program): apt-get install systemd"
    }
    let groups = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
    guard groups.contains(where: { access("\($0)/cgroup.procs", W_OK) == 0 }) else {
      return "no control groups of version 2 that may be written"
    }
    return nil
  }()

  /// Its address, of which nobody else knows.
  static let address = "198.51.100.7"

  private let directory: TemporaryDirectory
  private let boot: RunningProgram
  /// systemd's pid on the machine, by which its namespaces are entered.
  private let manager: pid_t

  /// systemd's own units that ours name, or whatever is started needs.
  private static let borrowed = [
    "sysinit.target", "basic.target", "shutdown.target", "umount.target", "final.target", "sockets.target",
    "slices.target",
    "paths.target", "timers.target", "multi-user.target", "network.target", "nss-lookup.target",
    "systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket",
  ]

  /// Boots it; with nothing to start, systemd takes less than a second.
  init() throws {
    directory = try TemporaryDirectory()
    try Self.install(in: directory)
    boot = try Command("\(Binaries.repository)/Tests/IntegrationTests/Programs/boot_systemd.sh", [directory.path])
      .start()
    let boot = boot
    manager = try eventually("systemd to be PID 1 of namespaces of its own") {
      if let code = boot.exitCode { throw TestKitError("no systemd, exit \(code): \(boot.error.text)") }
      let children = try? String(contentsOfFile: "/proc/\(boot.pid)/task/\(boot.pid)/children", encoding: .utf8)
      guard let child = children?.split(separator: " ").first.flatMap({ pid_t($0) }),
        let name = try? String(contentsOfFile: "/proc/\(child)/comm", encoding: .utf8), name == "systemd\n"
      else { return nil }
      return child
    }
    try eventually("systemd to have started") { try run("systemctl", "is-active", "weft-test.target").succeeded }
  }

  deinit {
    // The kernel ends a namespace's programs with its PID 1, which ends with its parent.
    boot.kill()
    _ = try? boot.waitForExit()
    for groups in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"] {
      let own = "\(groups)/weft-boot-\(boot.pid)"
      // They are removable once the last program in them is gone, which no event tells of.
      let _: Void? = try? eventually("the end of \(own)", within: .seconds(10)) {
        _ = try? Command("find", [own, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"]).run()
        return access(own, F_OK) != 0
      }
    }
  }

  private static func install(in directory: TemporaryDirectory) throws {
    let files = FileManager.default
    for name in ["units", "local/bin", "local/lib/weft"] {
      try files.createDirectory(atPath: directory.file(name), withIntermediateDirectories: true)
    }
    let source = "\(Binaries.repository)/scripts"
    for unit in try files.contentsOfDirectory(atPath: "\(source)/systemd") {
      try files.copyItem(atPath: "\(source)/systemd/\(unit)", toPath: directory.file("units/\(unit)"))
    }
    for unit in borrowed {
      try files.copyItem(atPath: "/lib/systemd/system/\(unit)", toPath: directory.file("units/\(unit)"))
    }
    let target = "[Unit]\nRequires=systemd-journald.service\nAfter=systemd-journald.service\n"
    try directory.write("units/weft-test.target", target)
    for program in ["weft", "weft-agent", "weft-proxy", "weft-capture"] {
      try files.createSymbolicLink(
        atPath: directory.file("local/bin/\(program)"),
        withDestinationPath: try Binaries.path(program)
      )
    }
    try files.copyItem(atPath: "\(source)/weft-init", toPath: directory.file("local/lib/weft/weft-init"))
  }

  /// `program`, on this host.
  func command(_ program: String, _ arguments: [String]) -> Command {
    Command("nsenter", ["--target", String(manager), "--all", "--wd=/", "--", program] + arguments)
  }

  /// Runs `program` on this host to its end.
  func run(_ program: String, _ arguments: String...) throws -> Outcome { try command(program, arguments).run() }

  /// Does `systemctl` with these words; throws with the unit's journal unless it succeeds.
  func systemctl(_ arguments: String...) throws {
    let outcome = try command("systemctl", arguments).run()
    guard outcome.succeeded else { throw TestKitError("\(outcome)\n\(try journal(of: arguments.last ?? ""))") }
  }

  /// A property of a unit, such as `MainPID`.
  func property(_ name: String, of unit: String) throws -> String {
    try run("systemctl", "show", unit, "--property", name, "--value").orThrow().output
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// What a unit said.
  func journal(of unit: String) throws -> String {
    try run("journalctl", "--no-pager", "--output", "cat", "--unit", unit).output
  }

  /// Ends a unit's program without a word, and waits until it runs once more.
  func crash(_ unit: String) throws {
    let (pid, restarts) = (try property("MainPID", of: unit), try property("NRestarts", of: unit))
    try run("kill", "-KILL", pid).orThrow()
    try eventually("\(unit) to be started anew") {
      try property("NRestarts", of: unit) != restarts && property("ActiveState", of: unit) == "active"
    }
  }
}
