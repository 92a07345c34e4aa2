import MeshModel
import WeftTestKit

/// nginx with a directory of files, redirects and empty answers, in a pod.
struct ProgramsSite {
  /// What it serves lies here.
  let files: TemporaryDirectory
  private let own: TemporaryDirectory
  private let program: RunningProgram

  init(in pod: Pod, on address: SocketAddress) throws {
    files = try TemporaryDirectory()
    own = try TemporaryDirectory()
    let path = own.path
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(path)/\($0);" }
    let configuration = """
      user root; daemon off; master_process off; pid \(path)/pid; error_log stderr crit;
      events { worker_connections 1024; }
      http {
        access_log off; keepalive_requests 10000000; \(temporary.joined(separator: " "))
        types { text/plain txt; text/html html; }
        gzip on; gzip_min_length 100; gzip_types text/plain;
        server {
          listen \(address); root \(files.path); autoindex on;
          location = /hello { return 200 "hello\\n"; }
          location = /empty { return 204; }
          location = /moved { return 302 /hello; }
          location = /far { return 301 /moved; }
          location = /loop { return 302 /loop; }
          location = /small { client_max_body_size 1k; proxy_pass http://127.0.0.1:9; }
          location = /posted { return 303 /hello; }
          location /uri/ { return 200 "$uri\\n"; }
        }
      }
      """
    let file = try own.write("nginx.conf", configuration)
    program = try pod.start("nginx", "-p", path, "-e", "stderr", "-c", file)
    try program.waitForListener(address.port)
  }
}
