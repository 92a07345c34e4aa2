import Foundation
import Testing
import WeftTestKit

@Suite("The admin socket of a proxy, asked from another pod")
struct AdminNamespaceTests {
  private let pods: TwoPods
  private let proxy: ProxyUnderTest

  init() throws {
    pods = try TwoPods()
    proxy = try ProxyUnderTest(in: pods.client)
  }

  /// What a user of a pod gets, or of the host.
  private func ask(_ path: String, in pod: Pod?, as user: UInt32 = ProxyUnderTest.uid, _ method: String = "GET") throws
    -> String
  {
    let ask = ["-sS", "--http0.9", "-X", method, "--unix-socket", proxy.adminSocket, "http://proxy\(path)"]
    return try Command("curl", ask).with(\.pod, pod).with(\.uid, user).run().output
  }

  private func isRefused(_ answer: String) -> Bool { answer.contains("network namespace only") }

  @Test(
    "gives no socket away and does not retire, for the proxy's own user and for root, and answers what operators ask"
  )
  func takenOver() throws {
    for pod in [pods.server, nil] {
      for user in [ProxyUnderTest.uid, 0] {
        for path in ["/v1/listeners", "/v1/names", "/v1/sources"] {
          #expect(isRefused(try ask(path, in: pod, as: user)), "\(path)")
        }
        #expect(isRefused(try ask("/v1/retire", in: pod, as: user, "POST")))
        #expect(try ask("/v1/status", in: pod, as: user).contains("\"journal\""))
      }
    }
    #expect(try ask("/v1/listeners", in: pods.client).contains("outbound\n"))
    #expect(try ask("/v1/retire", in: pods.client, "POST").contains("are yours"))
    #expect(try proxy.program.waitForExit() == 0)
  }

  @Test("drains for root alone, and within the pod for its own user too")
  func drained() throws {
    #expect(isRefused(try ask("/v1/drain", in: pods.server, "POST")))
    #expect(try ask("/v1/drain", in: pods.client, "POST") == "draining\n")
    #expect(try proxy.program.waitForExit() == 0)
  }

  @Test("drains for root of the host")
  func drainedByRoot() throws {
    #expect(try ask("/v1/drain", in: nil, as: 0, "POST") == "draining\n")
    #expect(try proxy.program.waitForExit() == 0)
  }
}
