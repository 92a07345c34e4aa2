public import MeshModel

/// How the endpoints of a port are spoken to, as a DestinationRule says: what a client of them needs to know.
public enum EndpointSecurity: Hashable, Sendable {
  /// As it came from the program, whether the endpoint belongs to the mesh or not.
  case plaintext
  /// By the mesh's mutual TLS and nothing else.
  case mesh
  /// By a TLS of the rule's own.
  case tls(ClusterTLS)

  /// What a rule says.
  init(_ tls: UpstreamTLS) {
    switch tls {
    case .disable: self = .plaintext
    case .mesh: self = .mesh
    case .simple(let server): self = .tls(ClusterTLS(server, own: nil))
    case .mutual(let server, let own): self = .tls(ClusterTLS(server, own: own))
    }
  }
}

/// TLS to endpoints that a DestinationRule says how to trust.
public struct ClusterTLS: Hashable, Sendable {
  /// What the endpoint is asked for (RFC 6066 section 3).
  public enum ServerName: Hashable, Sendable {
    /// Always this name, lower case.
    case fixed(String)
    /// The host that the request names, or the name that the program's own hello asks for; nothing where there is neither.
    case asked
  }

  /// Names of which the endpoint's certificate must have one.
  public enum Names: Hashable, Sendable {
    /// The one that it is asked for: a connection that asks for none cannot be verified, and is refused.
    case asked
    /// One of these, lower case where they are DNS names, compared with those of their kind only.
    case any(dns: [String], addresses: [IPAddress], uris: [String])
  }

  /// What the endpoint is asked for.
  public let serverName: ServerName
  /// Whom its certificate must name.
  public let names: Names
  /// A PEM file of the authorities that it must be vouched for by; nil: those that the host trusts.
  public let authorities: String?
  /// What the proxy shows of itself; nil: nothing.
  public let own: UpstreamTLS.OwnCertificate?
  /// Whether the endpoint's certificates are looked at.
  public let isVerified: Bool

  /// Whether connections may differ in the name that the endpoint is asked for.
  public var asksName: Bool { serverName == .asked }
  /// The name that it is always asked for.
  public var fixedName: String? { if case .fixed(let name) = serverName { name } else { nil } }

  init(_ server: UpstreamTLS.Server, own: UpstreamTLS.OwnCertificate?) {
    serverName = server.name.map { .fixed($0) } ?? .asked
    names = server.alternativeNames.isEmpty ? .asked : Names(server.alternativeNames)
    authorities = server.authorities
    self.own = own
    isVerified = !server.skipsVerification
  }
}

extension ClusterTLS.Names {
  init(_ texts: [String]) {
    var dns: [String] = []
    var addresses: [IPAddress] = []
    var uris: [String] = []
    for text in texts {
      if text.contains("://") {
        uris.append(text)
      } else if let address = IPAddress(text) {
        addresses.append(address)
      } else {
        dns.append(text.lowercased())
      }
    }
    self = .any(dns: dns, addresses: addresses, uris: uris)
  }
}
