import Foundation
import Glibc
import Testing
import WeftTestKit

@Suite("Secrets of TLS sessions")
struct KeyLogTests {
  @Test("are written where an operator asks for it, for the proxy's eyes alone, and it says so; without that, nowhere")
  func written() throws {
    let directory = try TemporaryDirectory()
    #expect(chmod(directory.path, 0o777) == 0)
    let file = "\(directory.path)/keys"
    let mesh = try MeshScene(adapt: { $0.arguments += ["--tls-key-log", file] })
    _ = try mesh.web { _ in .ok("hello") }
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let clientSecrets = lines.filter { $0.hasPrefix("CLIENT_TRAFFIC_SECRET_0 ") }
    #expect(clientSecrets.count == 2, "both proxies write theirs: \(lines.count) lines")
    #expect(Set(clientSecrets).count == 1, "and it is the same session's")
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    for proxy in [mesh.scene.client, mesh.scene.server] {
      try proxy.record("the warning") { $0["MESSAGE"]?.contains("whoever reads it reads all traffic") == true }
    }
  }

  @Test(
    "are not written to a file that others may read, through a link, or to what is no file: the proxy does not start",
    arguments: [
      ("open", "others may read it"), ("link", "Too many levels"), ("pipe", "No such device"),
      ("nowhere/keys", "No such file"),
    ]
  )
  func refused(name: String, reason: String) throws {
    let directory = try TemporaryDirectory()
    #expect(chmod(directory.path, 0o777) == 0)
    let open = try directory.write("open", "")
    #expect(chmod(open, 0o644) == 0 && chown(open, 1337, 1337) == 0)
    #expect(symlink("secret", "\(directory.path)/link") == 0)
    #expect(mkfifo("\(directory.path)/pipe", 0o600) == 0 && chown("\(directory.path)/pipe", 1337, 1337) == 0)
    let path = "\(directory.path)/\(name)"
    let outcome = try Command(
      try Binaries.path("weft-proxy"),
      ["--name", "keys", "--run-directory", directory.path, "--tls-key-log", path]
    ).run()
    #expect(outcome.code == 2)
    #expect(
      outcome.error.hasPrefix("weft-proxy: --tls-key-log \(path): ") && outcome.error.contains(reason),
      "\(outcome.error)"
    )
    #expect(outcome.error.split(separator: "\n").count == 1)
  }
}
