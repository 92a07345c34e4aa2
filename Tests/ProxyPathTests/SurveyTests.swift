import Kernel
import MeshModel
@testable import ProxyPath
import Testing

@Suite struct SurveyTests {
  @Test("A survey waits for the last worker, and for no longer than it may")
  func waits() throws {
    let survey = try Survey<Int, String>(7, workers: 2)
    survey.answer("a")
    #expect(survey.wait(timeout_ms: 0) == nil)
    survey.answer("b")
    #expect(survey.wait(timeout_ms: 0) == ["a", "b"])
  }

  @Test("What workers know of an endpoint is summed, and averaged over those that know it")
  func endpoints() throws {
    let address = SocketAddress(IPAddress(v4: 0x0a00_0001), port: 80)
    let other = SocketAddress(IPAddress(v4: 0x0a00_0002), port: 80)
    func view(_ address: SocketAddress, _ latency_ms: Double, _ pending: UInt32, out: Bool) -> EndpointView {
      EndpointView(
        address: address,
        latency_ns: latency_ms * 1e6,
        pending: pending,
        idleConnections: 1,
        isPassedOver: out
      )
    }
    let views = [
      [view(other, 9, 9, out: true), view(address, 1, 2, out: false)], [], [view(address, 3, 4, out: true)],
    ]
    #expect(
      LiveEndpoint(address, views)
        == LiveEndpoint(workers: 2, latencyMs: 2, pending: 6, idleConnections: 2, passedOverBy: 1)
    )
    #expect(LiveEndpoint(address, [[], []]) == LiveEndpoint())
  }

  @Test("An endpoint is found in a worker's table only while somebody refers to it")
  func found() {
    var targets = TargetTable()
    let address = SocketAddress(IPAddress(v4: 0x0a00_0001), port: 80)
    #expect(targets.find(address) == nil)
    let index = targets.retain(address, now_ns: 0)
    #expect(targets.find(address) == index)
    targets.release(index)
    #expect(targets.find(address) == nil)
  }
}
