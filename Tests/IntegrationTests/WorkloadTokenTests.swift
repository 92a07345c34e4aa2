import Foundation
import Testing
import WeftTestKit

/// PyPI's `spiffe` fetches the tokens and judges them, by itself and by the agent.
@Suite("A program that shows a token")
struct WorkloadTokenTests {
  @Test("is known by it to whom the token is for, by that one's own look and by its agent's, and to nobody else")
  func token() throws {
    let scene = try WorkloadScene()
    let id = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    try scene.register("db", "unix:uid:\(WorkloadScene.other)")
    let given = try scene.program(as: WorkloadScene.web, "token", "db", "cache").run().said(GivenToken.self)
    #expect(given.id == id && given.audience == ["cache", "db"])
    func judged(_ token: String, for audience: String) throws -> JudgedToken {
      try scene.program(as: WorkloadScene.other, "judge", token, audience).run().said(JudgedToken.self)
    }
    for audience in ["db", "cache"] {
      let judged = try judged(given.token, for: audience)
      #expect(judged.agent == id && judged.program == id && judged.keys.count == 1, "\(judged)")
    }
    let other = try judged(given.token, for: "queue")
    #expect(other.agent.contains("it is not for this audience"), "\(other)")
    #expect(other.program.contains("InvalidTokenError"), "\(other)")
    // Another name in it, by whoever cannot sign.
    var parts = given.token.split(separator: ".").map(String.init)
    let claims = try #require(Data(base64Encoded: Self.padded(parts[1])))
    let forged = String(decoding: claims, as: UTF8.self).replacing("sa/web", with: "sa/db")
    parts[1] = Data(forged.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
      "=",
      with: ""
    )
    let refused = try judged(parts.joined(separator: "."), for: "db")
    #expect(refused.agent.contains("the key that it names has not signed it"), "\(refused)")
    #expect(refused.program.contains("Signature verification failed"), "\(refused)")
  }

  /// Of base64url: base64 as Foundation reads it.
  private static func padded(_ text: String) -> String {
    text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - text.count % 4) % 4)
  }

  @Test("that it kept from before a restart of the agent is known still")
  func restart() throws {
    let scene = try WorkloadScene()
    let id = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let given = try scene.program(as: WorkloadScene.web, "token", "db").run().said(GivenToken.self)
    try scene.agent.crash()
    try scene.agent.restart()
    let judged = try scene.program(as: WorkloadScene.web, "judge", given.token, "db").run().said(JudgedToken.self)
    #expect(judged.agent == id && judged.program == id && judged.keys.count == 1, "\(judged)")
  }

  @Test(
    "is given one by another host where its own is no authority, and all hosts know it until that one loses the role"
  )
  func hosts() throws {
    let scene = try HostsScene(3)
    try scene.grant(1)
    let id = "spiffe://weft.local/ns/default/sa/web"
    for agent in scene.agents {
      try agent.weft("identity", "register", "--spiffe-id", id, "--selector", "unix:uid:0").orThrow()
    }
    func judged(_ given: GivenToken, on host: Int) throws -> JudgedToken {
      try scene.program(on: host, "judge", given.token, "db").said(JudgedToken.self)
    }
    let ofFirst = try scene.program(on: 0, "token", "db").said(GivenToken.self)
    let ofSecond = try scene.program(on: 1, "token", "db").said(GivenToken.self)
    for host in 0..<3 {
      for given in [ofFirst, ofSecond] {
        try eventually("host \(host + 1) knows the keys of both authorities") {
          let judged = try judged(given, on: host)
          return judged.agent == id && judged.program == id && judged.keys.count == 2
        }
      }
    }
    try scene.agents[0].crash()
    let ofThird = try eventually("the third host's program is given one") {
      try? scene.program(on: 2, "token", "db").said(GivenToken.self)
    }
    #expect(try judged(ofThird, on: 1).agent == id && judged(ofFirst, on: 2).agent == id)

    try scene.agents[0].restart()
    try eventually("the first is back") { try scene.authorities(0).contains { $0.name == "h2" } }
    try scene.agents[0].weft("authority", "revoke", "h2").orThrow()
    for host in 0..<3 {
      try eventually("host \(host + 1) believes what the second signed no more") {
        let judged = try judged(ofSecond, on: host)
        return judged.agent.contains("no authority of this mesh has the key")
          && judged.program.contains("AuthorityNotFound")
          && judged.keys.count == 1
      }
      #expect(try judged(ofFirst, on: host).agent == id)
    }
  }
}
