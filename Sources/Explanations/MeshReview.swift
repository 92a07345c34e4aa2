internal import MeshModel
public import Policy
public import Tokens

/// What an operator should know of a snapshot that is right by itself: what in it cannot work, and what only looks as if it
/// decided something.
public struct MeshReview: Hashable, Sendable {
  /// Sentences about what will fail.
  public private(set) var warnings: [String] = []
  /// Sentences about what is as it was written and may surprise.
  public private(set) var notes: [String] = []

  /// Sentences of each sort that are told; the rest is counted. A mesh can have thousands of routes, a person reads ten.
  static let told = 10

  /// Looks at what bears on the workload that `table` and `tokens` were made for.
  public init(_ table: RequestTable, tokens: TokenVerifier?) {
    let mesh = table.mesh
    let workload = table.workload
    let ports = Dictionary(table.ports.map { ($0.fullName, $0.endpoints) }, uniquingKeysWith: { first, _ in first })
    let names = Set(mesh.services.map(\.fullName))
    for route in mesh.routes where route.bears(on: workload) {
      warnings += route.unknownParents(names)
      for (number, rule) in route.rules.enumerated() where rule.isUsed {
        for backend in rule.backends where backend.weight > 0 {
          guard let problem = backend.problem(ports) else { continue }
          let name = rule.name.isEmpty ? "rule\(number)" : rule.name
          warnings.append("route \(route.fullName)/\(name) sends to \(backend.fullName), \(problem)")
        }
      }
    }
    warnings += tokens?.problems.map { "RequestAuthentication \($0)" } ?? []
    for policy in mesh.authorizations where policy.selects(workload) {
      if policy.isDryRun {
        notes.append("AuthorizationPolicy \(policy.fullName) is only tried (dry-run): it denies nothing")
      } else if policy.action == .audit {
        notes.append("AuthorizationPolicy \(policy.fullName) only audits: it denies nothing")
      }
    }
    warnings = warnings.cut
    notes = notes.cut
  }
}

extension [String] {
  fileprivate var cut: [String] {
    count <= MeshReview.told
      ? self : prefix(MeshReview.told - 1) + ["and \(count - MeshReview.told + 1) more like these"]
  }
}

extension HTTPRoute {
  /// Whether requests of the workload may meet it: it is of the workload's own namespace, or of a service's.
  fileprivate func bears(on workload: Workload) -> Bool {
    namespace == workload.namespace || parents.contains { $0.namespace == namespace }
  }

  fileprivate func unknownParents(_ names: Set<String>) -> [String] {
    parents.filter { !names.contains("\($0.namespace)/\($0.service)") }
      .map { "route \(fullName) is for service \($0.namespace)/\($0.service), which is not there" }
  }
}

extension HTTPRoute.Rule {
  /// Whether its backends are ever asked: a redirect answers by itself.
  fileprivate var isUsed: Bool {
    !filters.contains { if case .redirect = $0 { true } else { false } }
  }
}

extension HTTPRoute.Backend {
  fileprivate var fullName: String { "\(namespace)/\(service):\(port)" }

  /// Why requests to it fail, as a clause.
  fileprivate func problem(_ ports: [String: [Endpoint]]) -> String? {
    guard let endpoints = ports[fullName] else { return "which is not there: they are answered 500" }
    if endpoints.isEmpty { return "which has no endpoint: they are answered 503" }
    return endpoints.contains(where: \.isReady) ? nil : "which has no endpoint that is ready: they are answered 503"
  }
}
