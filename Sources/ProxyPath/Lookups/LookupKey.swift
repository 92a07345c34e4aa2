internal import MeshModel

/// What a program named, and what the agent is asked about.
enum LookupKey: Hashable, Sendable {
  case address(IPAddress)
  /// In lower case, without a port, and without a dot at its end.
  case host(String)
}
