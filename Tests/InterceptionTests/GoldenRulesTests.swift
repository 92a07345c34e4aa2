import Foundation
import Testing

@testable import Interception

/// The rules for the usual options, in readable form under `iptables/`: what a change to the renderer or the plan does to
/// them is seen in review. Refresh them with `WEFT_REFRESH_GOLDEN=1 swift test --filter GoldenRules`.
@Suite("Golden rules")
struct GoldenRulesTests {
  struct Golden: CustomTestStringConvertible, Sendable {
    let name: String
    /// The same options as `configure`, for the file's head; CaptureCommandTests holds the two together.
    let flags: String
    let configure: @Sendable (inout CaptureOptionText) -> Void
    var testDescription: String { name }
  }

  static let all = [
    Golden(name: "sidecar", flags: "") { _ in },
    Golden(
      name: "excluded-ports",
      flags: "--exclude-outbound-ports 22,3306,9000-9010 --exclude-inbound-ports 22,9100"
    ) {
      $0.excludeOutboundPorts = ["22,3306,9000-9010"]
      $0.excludeInboundPorts = ["22,9100"]
    },
    Golden(name: "inbound-port-range", flags: "--inbound-ports 15100-15109") { $0.inboundPorts = "15100-15109" },
    Golden(name: "non-tcp-deny", flags: "--non-tcp deny --resolvers 10.96.0.10,2001:db8::53") {
      $0.nonTCP = "deny"
      $0.resolvers = ["10.96.0.10,2001:db8::53"]
    },
    Golden(name: "capture-dns", flags: "--capture-dns --exclude-outbound-cidrs 10.96.0.10 --exclude-uids 998") {
      $0.captureDNS = true
      $0.excludeOutboundPrefixes = ["10.96.0.10"]
      $0.excludeUsers = ["998"]
    },
    Golden(name: "refuse-quic", flags: "--refuse-quic") { $0.refuseQUIC = true },
    Golden(name: "drop-invalid", flags: "--drop-invalid") { $0.dropInvalid = true },
    Golden(name: "virtual-interfaces", flags: "--virtual-interfaces br0,tap+") {
      $0.virtualInterfaces = ["br0,tap+"]
    },
    Golden(
      name: "include-cidrs",
      flags: "--include-outbound-cidrs 10.0.0.0/8,2001:db8::/32 --exclude-outbound-cidrs 10.1.0.0/16"
    ) {
      $0.includeOutboundPrefixes = ["10.0.0.0/8,2001:db8::/32"]
      $0.excludeOutboundPrefixes = ["10.1.0.0/16"]
    },
    Golden(name: "include-ports", flags: "--include-inbound-ports 8080,8443 --include-outbound-ports 80,443") {
      $0.includeInboundPorts = ["8080,8443"]
      $0.includeOutboundPorts = ["80,443"]
    },
    Golden(name: "ipv4-only", flags: "--family 4") { $0.families = "4" },
    Golden(
      name: "owners",
      flags: "--proxy-uid 1337,1338 --proxy-gid 1337 --proxy-mark 0x539/0xfff --exclude-uids 998 --exclude-gids 997 "
        + "--exclude-interfaces eth1"
    ) {
      $0.proxyUsers = ["1337,1338"]
      $0.proxyGroups = ["1337"]
      $0.proxyMarks = ["0x539/0xfff"]
      $0.excludeUsers = ["998"]
      $0.excludeGroups = ["997"]
      $0.excludeInterfaces = ["eth1"]
    },
  ]

  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("iptables")

  @Test("the plan renders as the golden file of its options says", arguments: all)
  func matches(golden: Golden) throws {
    var text = CaptureOptionText()
    golden.configure(&text)
    let head = "# weft-capture plan" + (golden.flags.isEmpty ? "" : " \(golden.flags)")
    let rendered = head + "\n" + RulePlan(try text.typed()).description
    let file = Self.directory.appendingPathComponent("\(golden.name).rules")
    if ProcessInfo.processInfo.environment["WEFT_REFRESH_GOLDEN"] == "1" {
      try rendered.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == rendered, "\(golden.name).rules differs")
  }

  @Test("every rule says which case it serves, in a comment that the kernel can hold", arguments: all)
  func comments(golden: Golden) throws {
    var text = CaptureOptionText()
    golden.configure(&text)
    for table in RulePlan(try text.typed()).families.flatMap(\.tables) {
      for rule in table.chains.flatMap(\.rules) + table.hooks.map(\.rule) {
        #expect(rule.comment.hasPrefix("weft"))
        #expect(rule.comment.utf8.count <= Rule.longestComment)
        #expect(rule.comment.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != 0x22 && $0 != 0x5c })
      }
    }
  }

  @Test("every file under iptables/ belongs to a set of options that is tested")
  func noStrays() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
    #expect(Set(files.filter { $0.hasSuffix(".rules") }) == Set(Self.all.map { "\($0.name).rules" }))
  }
}
