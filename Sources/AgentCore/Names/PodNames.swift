internal import Glibc
internal import Kernel
internal import Logging
internal import NameService
internal import ServiceLifecycle

/// Answers what programs of pods ask for names.
///
/// Capture redirects their questions to port 15053 of the pod's loopback, where only a process in the pod's network
/// namespace can bind. So the pod's proxy binds the sockets and hands copies of them over, on a socket of the agent's, and
/// the agent answers on them: it needs no privilege for it, and the questions pass no third process. A proxy keeps its
/// connection for as long as its sockets shall be served. See docs/names.md.
struct PodNames: ServiceLifecycle.Service {
  private let path: String
  private let door: Door

  /// What the thread and this share.
  final class Door: Sendable {
    let listener: Kernel.FileDescriptor
    /// Raised when the thread shall end.
    let bell: EventSignal
    init(_ listener: consuming Kernel.FileDescriptor, _ bell: consuming EventSignal) {
      self.listener = listener
      self.bell = bell
    }
  }

  private let names: MeshNameServer
  private let users: Set<UInt32>
  private let log: Logger

  /// Listens at `path`. Only processes of `users` and root may hand sockets over.
  init(_ path: String, names: MeshNameServer, users: Set<UInt32>, log: Logger) throws(SystemError) {
    self.path = path
    self.names = names
    self.users = users
    self.log = log
    door = Door(try UnixSocket.listen(at: path), try EventSignal())
    // Proxies of another account come here too; who they are, the kernel says.
    chmod(path, 0o666)
  }

  /// As an agent with these settings does.
  static func open(
    _ settings: AgentSettings,
    _ names: MeshNameServer,
    _ log: Logger
  ) throws(Agent.StartFailure) -> PodNames {
    do {
      let users: Set<UInt32> = [settings.proxyUser, AgentProcess.uid]
      return try PodNames(settings.namesSocketPath, names: names, users: users, log: log)
    } catch {
      throw Agent.StartFailure(
        description: "proxies cannot hand over their pods' names: \(error); does another agent use this --run-dir?",
        exitCode: 1
      )
    }
  }

  func run() async throws {
    defer { UnixSocket.forget(path) }
    let (door, names, users, log) = (door, names, users, log)
    let thread = Joined()
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
        do {
          try thread.start("weft-pod-names") {
            do {
              var loop = try PodNamesLoop(door, names: names, users: users, log: log)
              loop.run()
              done.resume()
            } catch { done.resume(throwing: error) }
          }
        } catch { done.resume(throwing: error) }
      }
    } onCancelOrGracefulShutdown: {
      door.bell.raise()
    }
    thread.join()
  }

  /// A thread that is joined once.
  private final class Joined: @unchecked Sendable {
    // @unchecked: started before the continuation can be resumed, joined after it.
    private var thread: Kernel.Thread?
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
      thread = try Kernel.Thread(name, body)
    }
    func join() { thread.take()?.join() }
  }
}
