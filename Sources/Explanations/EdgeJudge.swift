public import MeshModel
public import Policy

/// Why an edge is secured or not, and whether that is for an operator to look at.
public struct EdgeJudge {
  /// What an address is to the mesh.
  public struct Party: Hashable, Sendable {
    /// `namespace/name` of a service that it is an endpoint of.
    public var service: String?
    /// Whether a proxy is known to be there.
    public var isMeshed = false
  }

  /// What is to be said of an edge.
  public struct Verdict: Hashable, Sendable {
    /// A clause.
    public let reason: String
    /// Both ends are of the mesh, and what they say can be read on the way.
    public let isPlainWithinMesh: Bool
    /// Both have proxies, so that it need not be so.
    public let isAvoidable: Bool
  }

  private let table: RequestTable
  private var byAddress: [SocketAddress: String] = [:]
  private var parties: [IPAddress: Party] = [:]

  /// Judges by the endpoints of `table`.
  public init(_ table: RequestTable) {
    self.table = table
    for port in table.ports {
      let service = "\(port.namespace)/\(port.service)"
      for endpoint in port.endpoints {
        byAddress[endpoint.address] = byAddress[endpoint.address] ?? service
        var party = parties[endpoint.address.ip] ?? Party(service: service)
        party.isMeshed = party.isMeshed || endpoint.isMeshed
        parties[endpoint.address.ip] = party
      }
    }
  }

  /// The service at an address and port, else one at the address.
  public func service(at address: SocketAddress) -> String? { byAddress[address] ?? parties[address.ip]?.service }

  /// A service at an address.
  public func service(at ip: IPAddress) -> String? { parties[ip]?.service }

  /// What is to be said of bytes that go so from `source` to `destination`.
  public func judge(
    _ direction: Direction,
    from source: IPAddress,
    to destination: SocketAddress,
    _ security: EdgeReport.Security
  ) -> Verdict {
    switch security {
    case .mutualTLS: return .fine("both proxies have proved who they are")
    case .programTLS: return .fine("the programs speak TLS themselves, nobody of the mesh knows with whom")
    case .serverTLS: return .fine("the proxy speaks TLS with the server, as a DestinationRule asks")
    case .plainText: break
    }
    if source == destination.ip || source.isLoopback { return .fine("within the pod") }
    let other = direction == .outbound ? destination.ip : source
    let word = direction == .outbound ? "server" : "client"
    guard let party = parties[other] else {
      // Of clients that nobody here asks anything, it is known only that they are endpoints.
      guard table.isKnownEndpoint(other) else { return .fine("the \(word) is not of the mesh") }
      return Verdict(reason: "the \(word) came without a proxy", isPlainWithinMesh: true, isAvoidable: false)
    }
    guard party.isMeshed else {
      return Verdict(reason: "the \(word) has no proxy", isPlainWithinMesh: true, isAvoidable: false)
    }
    let reason =
      direction == .outbound
      ? "the server has a proxy, and was asked before that was known"
      : "the client has a proxy, and came past it: is all that it sends captured?"
    return Verdict(reason: reason, isPlainWithinMesh: true, isAvoidable: true)
  }
}

extension EdgeJudge.Verdict {
  fileprivate static func fine(_ reason: String) -> Self {
    EdgeJudge.Verdict(reason: reason, isPlainWithinMesh: false, isAvoidable: false)
  }
}
