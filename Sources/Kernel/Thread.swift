internal import CLinux
internal import Glibc

/// A named system thread that runs one function; it is never detached, and joined exactly once.
public struct Thread: ~Copyable, Sendable {
  private let handle: pthread_t

  /// Starts `body`. The name (the kernel keeps 15 bytes, prctl(2) PR_SET_NAME) is what `top -H` shows.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = Unmanaged.passRetained(Body(name: name, run: body))
    var handle = pthread_t()
    let status = pthread_create(
      &handle,
      nil,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        _ = body.name.withCString { weft_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0, 0) }
        body.run()
        return nil
      },
      box.toOpaque()
    )
    guard status == 0 else {
      box.release()
      throw SystemError("pthread_create", name, code: status)
    }
    self.handle = handle
  }

  /// Waits until the function has returned.
  public consuming func join() {
    pthread_join(handle, nil)
  }
}

/// What the calling thread gets of a core that others want too.
public enum ThreadPriority {
  /// Lets the others go first: at `nice` 10 a thread has a tenth of the time of one at 0 (sched(7)), and where a core is free
  /// all it wants. Linux applies setpriority(2) of a thread's id to that thread alone. A refusal changes nothing.
  public static func yieldToOthers() { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }
}

/// What a new thread takes over; the closure is made once a thread, never an event.
private final class Body: Sendable {
  let name: String
  let run: @Sendable () -> Void
  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}
