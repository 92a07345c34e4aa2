import Glibc
import MeshModel
import WeftTestKit

/// Certificates as an operator outside the mesh has them, made by openssl.
struct OutsideAuthority {
  let files: TemporaryDirectory
  var root: String { files.file("ca.pem") }

  init(_ name: String = "outside") throws {
    files = try TemporaryDirectory()
    try openssl(
      ["req", "-x509"] + Self.newKey + ["-days", "2", "-subj", "/CN=\(name)", "-keyout", "ca.key", "-out", "ca.pem"]
    )
  }

  static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  static let newRSAKey = ["-newkey", "rsa:2048", "-nodes"]

  private func openssl(_ arguments: [String]) throws {
    try Command("/bin/sh", ["-c", "cd \(files.path) && exec openssl \"$@\"", "openssl"] + arguments).run().orThrow()
  }

  /// Issues a certificate with these names (`DNS:a.example,IP:10.0.0.1`) under `file`.pem and `file`.key.
  @discardableResult
  func issue(
    _ file: String,
    _ names: String,
    days: Int = 2,
    key: [String] = newKey
  ) throws -> (chain: String, key: String) {
    try openssl(["req"] + key + ["-subj", "/CN=\(file)", "-keyout", "\(file).key.new", "-out", "\(file).csr"])
    try files.write("\(file).ext", "subjectAltName=\(names)\n")
    try openssl(
      ["x509", "-req", "-in", "\(file).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "\(days)"]
        + ["-set_serial", "\(UInt32.random(in: 1...UInt32.max))", "-extfile", "\(file).ext", "-out", "\(file).pem.new"]
    )
    for suffix in ["key", "pem"] {
      chmod(files.file("\(file).\(suffix).new"), 0o644)
      guard rename(files.file("\(file).\(suffix).new"), files.file("\(file).\(suffix)")) == 0 else {
        throw TestKitError("cannot rename \(file).\(suffix)")
      }
    }
    return (files.file("\(file).pem"), files.file("\(file).key"))
  }
}

/// nginx with TLS, that says what it sees of its clients.
struct OutsideServer {
  private let program: RunningProgram
  private let files: TemporaryDirectory

  /// `answer` may hold nginx's variables. With `clients` a certificate of that authority is asked for and must be shown. `http2`:
  /// it is spoken with who asks for it by ALPN.
  init(
    in pod: Pod,
    on address: SocketAddress,
    _ certificate: (chain: String, key: String),
    answer: String,
    clients: String? = nil,
    versions: String = "TLSv1.2 TLSv1.3",
    http2: Bool = false
  ) throws {
    files = try TemporaryDirectory()
    let path = files.path
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(path)/\($0);" }
    let verify = clients.map { "ssl_client_certificate \($0); ssl_verify_client on;" } ?? ""
    let configuration = """
      daemon off; master_process off; pid \(path)/pid; error_log stderr crit;
      events { worker_connections 1024; }
      http {
        access_log off; \(temporary.joined(separator: " "))
        server {
          listen \(address) ssl\(http2 ? " http2" : ""); ssl_protocols \(versions); ssl_certificate \(certificate.chain);
          ssl_certificate_key \(certificate.key); ssl_session_tickets on; \(verify)
          location / { return 200 "\(answer)"; }
          location /close { keepalive_timeout 0; return 200 "\(answer)"; }
        }
      }
      """
    program = try pod.start("nginx", "-p", path, "-e", "stderr", "-c", try files.write("nginx.conf", configuration))
    try program.waitForListener(address.port)
  }
}

extension Documents {
  /// A ServiceEntry for names outside the mesh. `ports` in flow style.
  static func outside(_ name: String, _ hosts: String, ports: String, endpoints: String) -> String {
    """
    ---
    {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: \(name)},
     spec: {hosts: [\(hosts)], ports: [\(ports)], resolution: STATIC, endpoints: [\(endpoints)]}}

    """
  }

  /// A DestinationRule that says how a service's endpoints are spoken to.
  static func destination(_ name: String, tls: String) -> String {
    """
    ---
    {apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: \(name)},
     spec: {host: \(name), trafficPolicy: {tls: \(tls)}}}

    """
  }

  /// A server in TLS at `endpoint`, which its clients dial in plain text at the scene's virtual address.
  static func originated(to endpoint: SocketAddress, _ authority: OutsideAuthority) -> String {
    outside(
      "api",
      "api.default.mesh",
      ports: "{number: 80, name: tcp, targetPort: \(endpoint.port)}",
      endpoints: "{address: \(endpoint.ip)}"
    ).replacing("resolution:", with: "addresses: [\(RequestScene.virtual.ip)], resolution:")
      + destination("api", tls: "{mode: SIMPLE, caCertificates: \(authority.root), sni: api.example.com}")
  }

  static let registryOnly = """
    ---
    {apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default},
     spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}

    """
}
