/// Where a request goes, by the routes of the service it is for.
public enum RouteChoice: Hashable, Sendable, BitwiseCopyable {
  /// No route is attached to the service: to the service itself.
  case direct
  /// A rule takes it. `backend` is an index of `RequestTable.ports`, and `backendEntry` the entry of
  /// `RequestTable.backends` that was drawn; -1 where the rule names none, and `backend` is the service itself. Where the
  /// rule redirects, neither is asked.
  case rule(Int, backend: Int32, backendEntry: Int32)
  /// Routes are attached and none of their rules takes it: 404 (Gateway API, HTTPRouteRule `matches`).
  case noRule
  /// A rule takes it whose backends are all without weight, or the one drawn is a service or port that the mesh does not
  /// have: 500 (Gateway API, HTTPRouteRule `backendRefs`).
  case noBackend(rule: Int)
}
