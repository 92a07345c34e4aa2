import Glibc
import Testing
import WeftTestKit

@Suite("A program's open stream of certificates")
struct WorkloadStreamTests {
  @Test("gets the rotation of its certificate, of the intermediate and of the root, and so do others of its identity")
  func rotation() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let streams = try (0..<2).map { _ in
      try scene.program(as: WorkloadScene.web, "stream").with(\.keepsInputOpen, true).start()
    }
    let first = try streams.map { try $0.line(0, GivenIdentity.self) }
    #expect(first[0] == first[1])
    var last = first[0]
    for (number, scope) in ["workloads", "intermediate", "root"].enumerated() {
      try scene.agent.weft("identity", "rotate", "--\(scope)").orThrow()
      let given = try streams.map { try $0.line(number + 1, GivenIdentity.self) }
      #expect(given[0] == given[1], "\(scope)")
      #expect(given[0].leaf != last.leaf && given[0].key != last.key, "\(scope)")
      #expect((given[0].intermediates != last.intermediates) == (scope == "intermediate"), "\(scope)")
      #expect(given[0].roots == (scope == "root" ? 2 : 1), "\(scope)")
      last = given[0]
    }
    let again = try scene.agent.weft("identity", "rotate", "--root")
    #expect(again.code == 1)
    #expect(again.error.contains("a root is being replaced; the new one signs from"), "\(again)")
  }

  @Test("ends with the identity, and with the agent, and each time says which")
  func ends() throws {
    let scene = try WorkloadScene()
    let id = try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    struct Failure: Decodable { let error: String }
    for (end, code) in [("unregister", "PERMISSION_DENIED"), ("agent", "UNAVAILABLE")] {
      try scene.register("web", "unix:uid:\(WorkloadScene.web)")
      let stream = try scene.program(as: WorkloadScene.web, "stream").with(\.keepsInputOpen, true).start()
      _ = try stream.line(0, GivenIdentity.self)
      if end == "agent" {
        scene.agent.program.signal(SIGTERM)
      } else {
        try scene.agent.weft("identity", "unregister", "--spiffe-id", id).orThrow()
      }
      #expect(try stream.line(1, Failure.self).error.contains(code), "\(end)")
    }
  }

  @Test("is forgotten when the program goes, in order or not")
  func forgotten() throws {
    let scene = try WorkloadScene("--metrics-port", "15014")
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    let streams = try (0..<2).map { _ in
      try scene.program(as: WorkloadScene.web, "stream").with(\.keepsInputOpen, true).start()
    }
    for stream in streams { _ = try stream.line(0, GivenIdentity.self) }
    #expect(try scene.openStreams() == 2)
    streams[0].closeInput()
    try eventually("the stream of a program that ended is forgotten") { try scene.openStreams() == 1 }
    streams[1].kill()
    try eventually("the stream of a program that was killed is forgotten") { try scene.openStreams() == 0 }
    // One that takes its first answer and goes, as most clients do.
    for _ in 0..<3 { try scene.program(as: WorkloadScene.web, "fetch").run().orThrow() }
    try eventually("single requests leave nothing open") { try scene.openStreams() == 0 }
  }

  @Test("is one of 1,024 that its user may have, beyond which others' are opened still")
  func bounded() throws {
    let scene = try WorkloadScene()
    try scene.register("web", "unix:uid:\(WorkloadScene.web)")
    try scene.register("other", "unix:uid:\(WorkloadScene.other)")
    let flood = try scene.program(as: WorkloadScene.web, "flood", "1100").with(\.keepsInputOpen, true).start()
    let status = try flood.line(0, CallStatus.self)
    #expect(status.open == 1_024)
    #expect(status.code == "RESOURCE_EXHAUSTED")
    #expect(status.details.contains("user \(WorkloadScene.web) has 1024 streams of the Workload API open"))
    try scene.program(as: WorkloadScene.other, "fetch").run().orThrow()
    flood.closeInput()
    #expect(try flood.waitForExit() == 0)
  }
}
