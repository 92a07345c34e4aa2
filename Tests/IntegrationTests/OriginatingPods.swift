import Foundation
import MeshModel
import WeftTestKit

/// Where TLS is tested that the proxy begins: a pod, and servers beyond it with certificates of one authority.
protocol OriginatingPods {
  var pods: TwoPods { get }
  var authority: OutsideAuthority { get }
}

extension OriginatingPods {
  /// Whom documents call `api`.
  var host: String { "api.example.com" }
  /// Where it listens.
  var endpoint: SocketAddress { SocketAddress(pods.serverEnd.v4, port: 9443) }

  /// The service `api`: HTTP on port 80, TLS at its endpoint, with these settings.
  func documents(_ tls: String, at endpoint: SocketAddress? = nil, name: String = "http") -> String {
    let endpoint = endpoint ?? self.endpoint
    let entry = Documents.outside(
      "api",
      "\(host), '*.example.org'",
      ports: "{number: 80, name: \(name), targetPort: \(endpoint.port)}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    return entry + Documents.destination("api", tls: tls)
  }

  /// nginx there, with a certificate of these names.
  func server(
    _ names: String = "DNS:api.example.com,DNS:*.example.org",
    answer: String = "$ssl_server_name $ssl_protocol $ssl_client_s_dn",
    clients: String? = nil,
    versions: String = "TLSv1.2 TLSv1.3",
    by authority: OutsideAuthority? = nil
  ) throws -> OutsideServer {
    let certificate = try (authority ?? self.authority).issue("server", names)
    return try OutsideServer(
      in: pods.server,
      on: endpoint,
      certificate,
      answer: answer,
      clients: clients,
      versions: versions
    )
  }

  /// What curl gets in plain HTTP, one answer a line; nobody listens where the names lead.
  func get(_ urls: String..., more: [String] = []) throws -> Outcome {
    let resolve = ["--resolve", "*:80:\(pods.serverEnd.v4)"]
    let arguments = ["-s", "--max-time", "20", "-w", " %{http_code}\n"] + more + resolve + urls
    return try Command("curl", arguments).with(\.pod, pods.client).run()
  }

  /// TLS that believes the authority.
  func simple(_ more: String = "") -> String { "{mode: SIMPLE, caCertificates: \(authority.root)\(more)}" }
}
