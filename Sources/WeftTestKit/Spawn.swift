internal import Glibc

/// posix_spawn(3) of one program as the leader of its own process group, with the signal state of a fresh login.
struct Spawn {
  var arguments: [String]
  var environment: [String: String] = [:]
  var input: Int32
  var output: Int32
  var error: Int32

  /// Starts it and returns its pid, which is also its group's.
  func start() throws -> pid_t {
    guard let program = arguments.first else { throw TestKitError("no program to run") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (from, to) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (error, STDERR_FILENO)] {
      posix_spawn_file_actions_adddup2(&actions, from, to)
    }
    // SwiftNIO's sockets are not closed on exec: a program that one suite starts would keep another suite's ports and
    // connections open for as long as it runs.
    let closing = addCloseFrom(&actions, STDERR_FILENO + 1)
    guard closing == 0 else {
      throw TestKitError.system("posix_spawn_file_actions_addclosefrom_np", program, code: closing)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))
    posix_spawnattr_setpgroup(&attributes, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // A runner may ignore SIGPIPE or SIGINT; ignored signals survive exec, and would change what is tested.
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)

    var pid: pid_t = 0
    let variables = inherited().merging(environment) { $1 }.map { "\($0)=\($1)" }
    let spawned = withCStrings(arguments) { arguments in
      withCStrings(variables) { posix_spawnp(&pid, program, &actions, &attributes, arguments, $0) }
    }
    guard spawned == 0 else { throw TestKitError.system("posix_spawn", program, code: spawned) }
    return pid
  }

  /// What programs get of the runner's environment: enough to be found and to speak English, nothing that steers them.
  private func inherited() -> [String: String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    return ["PATH": "\(path):/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"]
  }
}

/// Runs `body` with a null-terminated array of C strings, as exec takes it.
private func withCStrings<Result>(
  _ strings: [String],
  _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { copies.forEach { free($0) } }
  return body(copies)
}
