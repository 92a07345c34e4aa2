import FoundationEssentials
import MeshModel
import Policy
import Testing

@testable import Discovery

/// A view, and offers as an agent would make them.
struct ProxyViewHarness {
  var view: ProxyView

  init(_ limits: ProxyView.Limits = .init()) throws {
    view = ProxyView(try Workload(namespace: "shop"), limits: limits)
  }

  /// What was subscribed to since the last time, `-` before what was given up.
  mutating func changes() -> [String] {
    view.takeSubscriptions().map { ($0.isWanted ? "" : "-") + $0.key.description }
  }

  mutating func policies(_ content: PoliciesContent = .init()) throws {
    try view.take(offer(.policies, [("*", content.encode())]))
  }

  mutating func answer(_ key: LookupKey, _ answer: LookupAnswer?) throws {
    try view.take(offer(.lookup, answer.map { [(key.name, try $0.encode())] } ?? [], answer == nil ? [key.name] : []))
  }

  mutating func service(_ service: Service, _ routes: HTTPRoute...) throws {
    let content = ServiceContent(service: service.shape, routes: routes, traffic: [])
    try view.take(offer(.service, [(service.fullName, content.encode())]))
  }

  mutating func endpoints(_ service: Service) throws {
    try view.take(offer(.endpoints, [(service.fullName, EndpointsContent(service).encode())]))
  }

  mutating func gone(_ type: ResourceType, _ name: String) throws { try view.take(offer(type, [], [name])) }

  private func offer(_ type: ResourceType, _ items: [(String, Data)], _ removed: [String] = []) -> Offer {
    let items = items.map { Offer.Item(name: $0.0, version: "1", body: $0.1) }
    return Offer(type: type, removed: removed, nonce: "1", stream: 1, items: items)
  }

  mutating func names() throws -> [String]? { try view.takeSnapshot()?.mesh.services.map(\.fullName) }
}
