/// The real capture program, as a pod's init container would run it.
public enum WeftCapture {
  /// `weft-capture VERB --netns POD OPTIONS...`, run on the host.
  public static func run(_ verb: String, in pod: Pod, _ options: String...) throws -> Outcome {
    try Command(try Binaries.path("weft-capture"), [verb, "--netns", pod.name] + options).run()
  }

  /// Captures `pod`; throws with what the program said unless it exits with 0.
  public static func apply(to pod: Pod, _ options: String...) throws {
    try Command(try Binaries.path("weft-capture"), ["apply", "--netns", pod.name] + options).run().orThrow()
  }
}
