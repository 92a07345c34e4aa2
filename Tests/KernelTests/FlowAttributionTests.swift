import Glibc
import MeshModel
import Testing

@testable import Kernel

@Suite("Whose a connection is")
struct FlowAttributionTests {
  @Test("is not said of one that is over: the kernel, which waits it out, would say root")
  func waitedOut() throws {
    let attribution = FlowAttribution(finder: nil)
    let connection = try #require(LoopbackConnection(.ipv4))
    func identify() -> ProcessReport? {
      attribution.identify(source: connection.source, destination: connection.destination, now_ns: 0)
    }
    #expect(identify()?.uid == geteuid())
    connection.closeClient()
    // What its own program closed first is waited out by the kernel, once the other side has closed as well.
    connection.finishServer()
    #expect(identify() == nil)
    #expect(attribution.counts.found == 1 && attribution.counts.missed == 1)
  }
}
