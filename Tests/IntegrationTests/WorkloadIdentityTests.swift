import Foundation
import Glibc
import Testing
import WeftTestKit

@Suite("A program that asks who it is")
struct WorkloadIdentityTests {
  @Test("is given its certificate, whose chain OpenSSL verifies, its key and its trust domain's bundle")
  func fetch() throws {
    let scene = try WorkloadScene()
    let id = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    try scene.register("other", "unix:uid:\(WorkloadScene.other)")
    let outcome = try scene.program(as: WorkloadScene.web, "fetch").run()
    let given = try outcome.said(GivenIdentity.self)
    #expect(given.id == id && given.ids == [id])
    #expect(given.roots == 1)
    #expect(outcome.output.contains(#"{"domains": ["weft.local"]}"#))
    let directory = try TemporaryDirectory()
    for (name, text) in [
      ("leaf", given.leaf), ("intermediates", given.intermediates), ("bundle", given.bundle), ("key", given.key),
    ] {
      try directory.write(name, text)
    }
    for purpose in ["sslclient", "sslserver"] {
      let verified = try Command(
        "openssl",
        [
          "verify", "-x509_strict", "-purpose", purpose, "-no-CApath", "-no-CAstore", "-CAfile",
          directory.file("bundle"), "-untrusted", directory.file("intermediates"), directory.file("leaf"),
        ]
      ).run().orThrow()
      #expect(verified.output == "\(directory.file("leaf")): OK\n")
    }
    // Without the intermediate there is no way to the root: it is the chain that was verified.
    let short = Command(
      "openssl",
      ["verify", "-no-CApath", "-CAfile", directory.file("bundle"), directory.file("leaf")]
    )
    #expect(try short.run().succeeded == false)
    func publicKey(_ arguments: String...) throws -> String {
      try Command("openssl", arguments).run().orThrow().output
    }
    let certified = try publicKey("x509", "-in", directory.file("leaf"), "-noout", "-pubkey")
    #expect(try publicKey("pkey", "-in", directory.file("key"), "-pubout") == certified)
  }

  @Test("is refused as another user, and told why, whatever it writes into its headers")
  func refused() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let fetch = try scene.program(as: WorkloadScene.other, "fetch").run()
    #expect(fetch.code != 0)
    #expect(
      fetch.error.contains(
        "no identity issued: uid \(WorkloadScene.other), gid \(WorkloadScene.other), /usr/bin/python3"
      )
    )
    #expect(fetch.error.contains("StatusCode.PERMISSION_DENIED"))
    // A connection of the right user, whose number would be worth having.
    let right = try scene.program(as: WorkloadScene.web, "stream").with(\.keepsInputOpen, true).start()
    _ = try right.line(0, GivenIdentity.self)
    for forged in ["1", "2", "0", "\(right.pid) \(WorkloadScene.web) \(WorkloadScene.web) 1"] {
      for method in ["svid", "bundles", "jwt", "keys", "validate"] {
        let raw = try scene.program(
          as: WorkloadScene.other,
          "raw",
          method,
          "workload.spiffe.io=true",
          "weft-caller=\(forged)",
          "weft-caller=\(forged)",
          "x-forwarded-client-cert=URI=spiffe://weft.local/ns/default/sa/web"
        )
        #expect(try raw.run().said(CallStatus.self).code == "PERMISSION_DENIED", "\(method) \(forged)")
      }
    }
  }

  @Test("must send the header of the specification")
  func header() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    for method in ["svid", "bundles", "jwt", "keys", "validate"] {
      let without = try scene.program(as: WorkloadScene.web, "raw", method).run().said(CallStatus.self)
      #expect(without.code == "INVALID_ARGUMENT", "\(method)")
      #expect(without.details.contains("workload.spiffe.io: true"))
      let with = try scene.program(as: WorkloadScene.web, "raw", method, "workload.spiffe.io=true").run()
        .said(CallStatus.self)
      // The token to be judged is none.
      #expect(with.code == (method == "validate" ? "INVALID_ARGUMENT" : "OK"), "\(method)")
      #expect(method != "validate" || with.details.contains("it is no JWT-SVID"), "\(with)")
    }
  }

  @Test("is not taken for the program whose path it has in a mount namespace of its own")
  func mounted() throws {
    let scene = try WorkloadScene()
    let directory = try TemporaryDirectory()
    let registered = try directory.write("registered", "a program of the host\n")
    try scene.register("registered", "unix:path:\(registered)")
    let interpreter = try Command("readlink", ["-f", WorkloadScene.python]).run().orThrow().output
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let packages = try Command(
      WorkloadScene.python,
      ["-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    ).run().orThrow().output.trimmingCharacters(in: .whitespacesAndNewlines)
    var command = Command(
      "unshare",
      [
        "--mount", "--propagation", "private", "sh", "-c",
        #"mount --bind "$1" "$2" && exec "$2" -S "$3" "$4" raw svid workload.spiffe.io=true"#, "sh", interpreter,
        registered,
        WorkloadScene.script, scene.agent.socket,
      ]
    )
    // Without the host's own packages (-S): only PyPI's client and what it needs.
    command.environment = ["PYTHONPATH": packages, "PYTHONHOME": "/usr"]
    let status = try command.run().said(CallStatus.self)
    #expect(status.code == "PERMISSION_DENIED")
    #expect(status.details.contains(registered), "it did have the path: \(status.details)")
    // The interpreter's own path is the host's file.
    try scene.register("python", "unix:path:\(interpreter)")
    #expect(try scene.program(as: 0, "raw", "svid", "workload.spiffe.io=true").run().said(CallStatus.self).code == "OK")
  }

  @Test("is not taken for the process that connected, once that has ended")
  func orphaned() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let directory = try TemporaryDirectory()
    chmod(directory.path, 0o777)
    let relay = directory.file("relay.sock")
    let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/orphaned_connection.py"
    let program = try Command("/usr/bin/python3", [script, scene.agent.socket, relay]).with(\.uid, WorkloadScene.web)
      .start()
    try program.output.await("orphaned")
    let asked = Command(
      try WorkloadScene.python,
      [WorkloadScene.script, relay, "raw", "svid", "workload.spiffe.io=true"]
    )
    let status = try asked.with(\.uid, WorkloadScene.web).run().said(CallStatus.self)
    #expect(status.code == "PERMISSION_DENIED")
    #expect(status.details.contains("process \(program.pid), which connected, has ended"))
  }
}
