internal import MeshModel

/// What a program named, and what the agent is asked about.
enum LookupKey: Hashable, Sendable {
  case address(IPAddress)
  /// A service's name in any of its forms, taken apart; in lower case.
  case host(namespace: String, service: String)
}
