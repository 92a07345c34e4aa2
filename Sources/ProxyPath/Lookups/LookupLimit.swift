/// Bounds on asking the agent, and on holding what waits for its answer.
enum LookupLimit {
  /// How long one connection or request is held for one answer. The agent is on this host and answers in well under a
  /// millisecond; a second is what a lost SYN costs a program without any proxy, so programs are made for it.
  static let patience_ns: UInt64 = 1_000_000_000
  /// Connections and requests held at once by a worker: a burst of new clients, as long as an answer takes. Beyond them
  /// the rest goes on as if nothing were known, for memory and descriptors are worth more than one address.
  static let held = 1024
  /// Questions of one worker that the control thread has not taken yet, each some 150 bytes.
  static let waiting = 256
  /// Questions a second and worker, and as many at once: a program that scans addresses, or clients from ever new ones,
  /// must not keep the agent busy for all pods of the host.
  static let perSecond: UInt32 = 500
  /// Addresses and names that a worker remembers to have asked about: those outside of the mesh that a pod's programs
  /// deal with are tens, an ingress pod's clients more. 64 KiB, taken with the first question.
  static let remembered = 2048
  /// Places that one key can be kept in: with eight, a table loses hardly anything before it is full.
  static let ways = 8
}
