import MeshModel
import Testing

@testable import Interception

@Suite("Options become typed values or an error")
struct CaptureOptionTextTests {
  private func typed(_ configure: (inout CaptureOptionText) -> Void) throws(UsageError) -> CaptureOptions {
    var text = CaptureOptionText()
    configure(&text)
    return try text.typed()
  }

  @Test("nothing given means every TCP connection but the proxy's")
  func defaults() throws {
    #expect(try typed { _ in } == CaptureOptions())
  }

  @Test("lists are repeated or joined by commas, and a value counts once")
  func lists() throws {
    let options = try typed { $0.excludeOutboundPorts = ["22,80-90", "22"] }
    #expect(options.excludeOutboundPorts == [PortRange(22, 22), PortRange(80, 90)].compactMap(\.self))
  }

  @Test("a single address is the block that holds only it")
  func addresses() throws {
    let options = try typed { $0.excludeOutboundPrefixes = ["10.0.0.1,2001:db8::1"] }
    #expect(options.excludeOutboundPrefixes.map(\.description) == ["10.0.0.1/32", "2001:db8::1/128"])
  }

  @Test("included outbound ports alone mean only those; with '*' they add nothing")
  func includedPorts() throws {
    #expect(try typed { $0.includeOutboundPorts = ["80"] }.includeOutboundPrefixes == .only([]))
    let both = try typed {
      $0.includeOutboundPorts = ["80"]
      $0.includeOutboundPrefixes = ["*"]
    }
    #expect(both.includeOutboundPrefixes == .all)
  }

  @Test(
    "hostile and mistaken values are refused with the option's name",
    arguments: [
      "", " ", "0", "65536", "-1", "+80", "80;reboot", "$(reboot)", "`reboot`", "80 -j ACCEPT", "80\nCOMMIT", "90-80",
      "80-90-100", "80,", ",80", "٨٠", "80\u{0}", "*,80",
    ]
  )
  func hostilePorts(value: String) {
    for path: WritableKeyPath<CaptureOptionText, [String]> in [
      \.excludeInboundPorts, \.includeInboundPorts, \.excludeOutboundPorts, \.includeOutboundPorts,
    ] {
      #expect(throws: UsageError.self) { try typed { $0[keyPath: path] = [value] } }
    }
  }

  @Test(
    "hostile interface names are refused",
    arguments: [
      "", "+", "-i", "eth0;reboot", "eth 0", "eth0\n-A", "../x", "sixteen-letters-", "a\"b", "$(x)", "é", "!",
    ]
  )
  func hostileInterfaces(value: String) {
    #expect(throws: UsageError.self) { try typed { $0.excludeInterfaces = [value] } }
    #expect(throws: UsageError.self) { try typed { $0.virtualInterfaces = [value] } }
  }

  @Test(
    "hostile blocks, users and marks are refused",
    arguments: [
      "", "10.0.0.0/33", "10.0.0.0/8 -j ACCEPT", "1.2.3", "::/129", "fe80::1%eth0", "no-such-user", "4294967295",
      "0x", "1/0", "0xff/0x0f",
    ]
  )
  func hostileOthers(value: String) {
    #expect(throws: UsageError.self) { try typed { $0.excludeOutboundPrefixes = [value] } }
    #expect(throws: UsageError.self) { try typed { $0.includeOutboundPrefixes = [value] } }
    if value != "1.2.3" { #expect(throws: UsageError.self) { try typed { $0.proxyUsers = [value] } } }
    if value != "4294967295" { #expect(throws: UsageError.self) { try typed { $0.proxyMarks = [value] } } }
  }

  @Test("an error is one line however the value is written, and says what would be right")
  func errorsAreOneLine() {
    let error = UsageError("--exclude-inbound-ports", "80\n\u{1b}[2J", "give ports")
    #expect(error.description == "--exclude-inbound-ports 80??[2J: give ports")
  }

  @Test("capture ports that overlap each other or the proxy's own are refused")
  func overlaps() {
    #expect(throws: UsageError.self) { try typed { $0.inboundPorts = "15001-15006" } }
    #expect(throws: UsageError.self) { try typed { $0.inboundPorts = "15006-15021" } }
    #expect(throws: UsageError.self) { try typed { $0.outboundPort = "15008" } }
    #expect(throws: UsageError.self) { try typed { $0.outboundPort = "15001-15002" } }
  }

  @Test("what comes later is refused, not accepted and ignored")
  func later() {
    #expect(throws: UsageError.self) { try typed { $0.nonTCP = "queue" } }
  }

  @Test("capture ports and the port of names must differ where DNS is captured")
  func namesPort() throws {
    #expect(try typed { $0.captureDNS = true }.captureDNS)
    for outboundPort in [nil, "15053"] {
      #expect(throws: UsageError.self) {
        try typed {
          $0.captureDNS = true
          $0.outboundPort = outboundPort
          if outboundPort == nil { $0.inboundPorts = "15050-15059" }
        }
      }
    }
    #expect(throws: Never.self) { try typed { $0.outboundPort = "15053" } }
  }

  @Test("users are found by name")
  func names() throws {
    #expect(try typed { $0.proxyUsers = ["root"] }.proxyUsers == [0])
    #expect(try typed { $0.excludeGroups = ["root"] }.excludeGroups == [0])
  }
}
