internal import MeshModel

/// The TLSRoutes that are attached to one port of a service, by the names that TLS clients ask for.
///
/// Of several that have a name the most specific counts, then the older, then the first by `namespace/name`, as Gateway API
/// orders routes of one host name.
struct ServerRoutes: Sendable {
  /// By their host names: the index of a rule of `RequestTable.rules`.
  private let names: ServerNameTable
  /// The rule of the first route without host names, which is for every client.
  private let any: Int?

  /// Routes with the index of the one rule that each has.
  init(_ routes: [(route: HTTPRoute, rule: Int)]) {
    let sorted = routes.sorted { left, right in
      let (older, younger) = (left.route.created_s ?? .min, right.route.created_s ?? .min)
      return older != younger ? older < younger : left.route.fullName < right.route.fullName
    }
    any = sorted.first { $0.route.hostnames.isEmpty }?.rule
    names = ServerNameTable(sorted.flatMap { entry in entry.route.hostnames.map { ($0, entry.rule) } })
  }

  /// The rule for a client that asks for this name, which is empty where it asks for none.
  func rule(_ name: UnsafeRawBufferPointer) -> Int? {
    (name.isEmpty ? nil : names.index(name, ServerNameTable.anyPort)) ?? any
  }
}

extension RequestTable {
  /// What becomes of a TLS client that is led to `port` and asks for this name, by the TLSRoutes attached to it; an empty name
  /// stands for none. `draw` is as with `route`.
  public func route(_ port: Int, serverName: UnsafeRawBufferPointer, draw: UInt64) -> RouteChoice {
    guard let routes = serverRoutes[port] else { return .direct }
    guard let rule = routes.rule(serverName) else { return .noRule }
    return choose(rule, port, draw)
  }

  /// Whether any TLSRoute is attached to a port.
  public func hasServerRoutes(_ port: Int) -> Bool { !serverRoutes.isEmpty && serverRoutes[port] != nil }

  /// The number that this table gives to a TLSRoute's rule of another one; -1 where it knows it no more.
  public func number(ofServerRule known: CompiledRule) -> Int32 {
    rules.firstIndex { $0.routeKind == .tls && $0.label == known.label }.map { Int32($0) } ?? -1
  }
}
