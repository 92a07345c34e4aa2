internal import Glibc

/// What the agent is itself to the kernel.
enum AgentProcess {
  /// The user it runs as.
  static let uid = geteuid()
}
