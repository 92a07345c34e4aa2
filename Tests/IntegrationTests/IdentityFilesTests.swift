import Foundation
import Glibc
import Testing
import WeftTestKit

@Suite("weft identity fetch")
struct IdentityFilesTests {
  private func fetch(_ scene: WorkloadScene, as uid: UInt32, to directory: String, _ more: String...) throws -> Command
  {
    Command(
      try Binaries.path("weft"),
      ["identity", "fetch", "--out", directory, "--agent-socket", scene.agent.socket] + more
    ).with(\.pod, scene.pod).with(\.uid, uid)
  }

  private func openssl(_ arguments: String...) throws -> String {
    try Command("openssl", arguments).run().orThrow().output
  }

  private func owned(by uid: UInt32) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    chown(directory.path, uid, uid)
    return directory
  }

  /// Whether the three files belong together, by OpenSSL.
  private func verify(_ directory: TemporaryDirectory) throws -> String {
    let certified = try openssl("x509", "-in", directory.file("svid.pem"), "-noout", "-pubkey")
    #expect(try openssl("pkey", "-in", directory.file("svid_key.pem"), "-pubout") == certified)
    let verified = try openssl(
      "verify",
      "-x509_strict",
      "-no-CApath",
      "-no-CAstore",
      "-CAfile",
      directory.file("svid_bundle.pem"),
      "-untrusted",
      directory.file("svid.pem"),
      directory.file("svid.pem")
    )
    #expect(verified.hasSuffix(": OK\n"))
    return certified
  }

  @Test("writes what belongs together, the key for its owner alone, and with --follow each renewal as a whole")
  func follow() throws {
    let scene = try WorkloadScene()
    let id = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let directory = try owned(by: WorkloadScene.web)
    let said = try fetch(scene, as: WorkloadScene.web, to: directory.path).run().orThrow()
    #expect(said.output == "\(id) is in \(directory.path)\n")
    let first = try verify(directory)
    // A link: whose mode counts is what it leads to.
    let key = URL(fileURLWithPath: directory.file("svid_key.pem")).resolvingSymlinksInPath()
    let mode = try FileManager.default.attributesOfItem(atPath: key.path)[.posixPermissions] as? NSNumber
    #expect(mode?.uint16Value == 0o600)
    #expect(try directory.text(of: "svid.pem").components(separatedBy: "BEGIN CERTIFICATE").count == 3)

    let following = try fetch(scene, as: WorkloadScene.web, to: directory.path, "--follow", "--spiffe-id", id).start()
    try following.output.await("is in")
    try scene.agent.weft("identity", "rotate", "--workloads").orThrow()
    try eventually("a renewal is written") {
      following.output.text.split(separator: "\n").count >= 2 ? true : nil
    }
    #expect(try verify(directory) != first)
    // Nothing of the ones before is left.
    #expect(try directory.names().filter { $0.hasPrefix(".svid-") }.count == 1)
  }

  @Test("says why there is nothing for the caller, and leaves what was there")
  func refused() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let directory = try owned(by: WorkloadScene.other)
    let stranger = try fetch(scene, as: WorkloadScene.other, to: directory.path).run()
    #expect(stranger.code == 3 && stranger.error.contains("no identity issued"), "\(stranger)")
    #expect(try directory.names() == [])
    let own = try owned(by: WorkloadScene.web)
    let wrong = try fetch(scene, as: WorkloadScene.web, to: own.path, "--spiffe-id", "spiffe://weft.local/ns/a/sa/b")
      .run()
    #expect(
      wrong.code == 1
        && wrong.error.contains(
          "does not give spiffe://weft.local/ns/a/sa/b to this caller, but spiffe://weft.local/ns/"
        ),
      "\(wrong)"
    )
    #expect(try own.names() == [])
  }
}
