import Glibc
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Testing

@Suite struct AdmissionTests {
  private func ports(outbound: UInt16, inbound: ClosedRange<UInt16>) -> OwnPorts {
    var settings = ProxySettings()
    settings.outboundPort = outbound
    settings.inboundPorts = inbound
    return OwnPorts(settings)
  }

  @Test("The proxy's own ports are the outbound one and the inbound range, with both its ends, and no other")
  func ownPorts() {
    for (outbound, inbound) in [(15001, 15006...15006), (15001, 15006...15010), (1, 65535...65535), (65535, 1...2)]
      as [(UInt16, ClosedRange<UInt16>)]
    {
      let own = ports(outbound: outbound, inbound: inbound)
      let found = (UInt16.min...UInt16.max).filter { own.contains($0) }
      #expect(found == ([outbound] + Array(inbound)).sorted())
    }
  }

  @Test("Peers may not ask for any port that this proxy listens on, nor for those that every proxy has")
  func reserved() {
    var settings = ProxySettings()
    settings.outboundPort = 16_001
    settings.inboundPorts = 16_006...16_007
    settings.metricsPort = 16_020
    settings.healthPort = nil
    let own = OwnPorts(settings)
    let found = (UInt16.min...UInt16.max).filter { own.isReserved($0) }
    #expect(
      found == [15_001, 15_006, 15_008, 15_020, 15_021, 15_053, 16_001, 16_006, 16_007, 16_020],
      "a program's own port would be out of reach"
    )
  }

  @Test(
    "Whoever dials a listener itself, redirected from nowhere, is refused as not captured, whichever way it faces",
    arguments: ["127.0.0.1:0", "[::1]:0"]
  )
  func notCaptured(text: String) throws {
    let listener = try FileDescriptor.listener(on: try #require(SocketAddress(text)))
    guard let address = listener.localAddress() else { throw SystemError("getsockname") }
    guard case .connecting(let client) = dial(address), listener.waitReadable(timeout_ms: 10_000),
      case .connection(let socket, let source) = listener.acceptConnection()
    else { throw SystemError("connect", text) }
    #expect(client.localAddress() == .some(source))
    // With conntrack in the kernel the original destination is the listener's; without, there is none.
    let keeper = Gatekeeper(
      ownPorts: ports(outbound: address.port, inbound: address.port...address.port),
      loopGuard: LoopGuard(),
      policy: .passEverything,
      policyVersion: 1,
      rules: RequestRules(.empty, for: .unlabelled, version: 1)
    )
    for admission in [
      Outbound(keeper: keeper).admit(socket, from: source).0,
      Inbound(keeper: keeper, now_s: 0).admit(socket, from: source),
    ] {
      guard case .refuse(.notCaptured, let destination, nil) = admission else {
        Issue.record("\(admission)")
        continue
      }
      #expect(destination.ip.isUnspecified, "a record must not name a destination that nobody asked for")
    }
  }
}
