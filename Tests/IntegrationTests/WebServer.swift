import MeshModel
import WeftTestKit

/// nginx with a configuration of its own, in a pod: HTTP/1.1 and, where asked, HTTP/2 without TLS or TLS with a
/// self-signed certificate.
struct WebServer {
  enum Kind { case http1, http2, tls }

  let url: String
  let address: SocketAddress
  private let program: RunningProgram
  private let directory: TemporaryDirectory

  init(in pod: Pod, on ip: IPAddress, port: UInt16 = 8080, _ kind: Kind = .http1, answer: String = "hello") throws {
    directory = try TemporaryDirectory()
    address = SocketAddress(ip, port: port)
    url = "\(kind == .tls ? "https" : "http")://\(address)"
    let path = directory.path
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(path)/\($0);" }
    var listen = "listen \(address)\(kind == .http2 ? " http2" : "")\(kind == .tls ? " ssl http2" : "");"
    if kind == .tls {
      try Command(
        "openssl",
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
          + ["-subj", "/CN=web.test", "-keyout", "\(path)/key.pem", "-out", "\(path)/certificate.pem"]
      ).run().orThrow()
      listen += " ssl_certificate \(path)/certificate.pem; ssl_certificate_key \(path)/key.pem;"
    }
    let configuration = """
      daemon off; master_process off; pid \(path)/pid; error_log stderr crit;
      events { worker_connections 1024; }
      http {
        access_log off; keepalive_requests 1000000; \(temporary.joined(separator: " "))
        server { \(listen) location / { return 200 "\(answer)"; } }
      }
      """
    let file = try directory.write("nginx.conf", configuration)
    program = try pod.start("nginx", "-p", path, "-e", "stderr", "-c", file)
    try program.waitForListener(port)
  }
}
