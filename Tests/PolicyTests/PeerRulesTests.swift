import MeshModel
import Policy
import Testing
import WeftTestKit

@Suite("Who must show an identity")
struct PeerRulesTests {
  private static let labels = ["app": "web"]
  private static let root = PeerAuthentication.rootNamespace

  private static func rules(_ documents: PeerAuthentication...) throws -> PeerRules {
    PeerRules(documents, for: try Workload(namespace: "shop", labels: labels))
  }

  /// A document of the workload's own, with a selector.
  private static func own(
    _ mode: PeerAuthentication.Mode?,
    _ ports: [PeerAuthentication.Port] = [],
    name: String = "own",
    expires_s: Int64? = nil,
    created_s: Int64 = 0
  ) -> PeerAuthentication {
    PeerAuthentication(
      namespace: "shop",
      name: name,
      selector: LabelSelector(matchLabels: labels),
      mode: mode,
      ports: ports,
      expires_s: expires_s,
      created_s: created_s
    )
  }

  private static func whole(_ mode: PeerAuthentication.Mode?, in namespace: String = "shop") -> PeerAuthentication {
    PeerAuthentication(namespace: namespace, name: "all", mode: mode)
  }

  private func decide(
    _ rules: PeerRules,
    port: UInt16 = 80,
    identity: Bool = false,
    meshed: Bool = true,
    now_s: Int64 = 100
  ) -> PeerVerdict {
    rules.decide(port: port, hasPeerIdentity: identity, isBetweenMeshed: meshed, now_s: now_s)
  }

  @Test("is by default whoever has a proxy of the mesh, as this pod has, and nobody else")
  func byDefault() throws {
    let rules = try Self.rules()
    #expect(decide(rules).reason == .strictByDefault && !decide(rules).isAllowed)
    #expect(decide(rules, meshed: false).reason == .stranger && decide(rules, meshed: false).isAllowed)
    #expect(decide(rules, identity: true).reason == .identified && decide(rules, identity: true).isAllowed)
    #expect(!rules.isDecided(port: 80, now_s: 100))
    #expect(rules.describe(decide(rules)).reason.contains("weft.mesh/expires"), "who is refused reads what to do")
  }

  @Test("is everybody where a document says STRICT, and nobody where it says PERMISSIVE or DISABLE")
  func modes() throws {
    let expected: [(PeerAuthentication.Mode, PeerVerdict.Reason)] = [
      (.strict, .strict), (.permissive, .permissive), (.disable, .disabled),
    ]
    for (mode, reason) in expected {
      let rules = try Self.rules(Self.whole(mode))
      for meshed in [true, false] {
        let verdict = decide(rules, meshed: meshed)
        #expect(verdict.reason == reason && rules.describe(verdict).policy == "shop/all")
        #expect(verdict.isAllowed == (mode != .strict))
      }
      #expect(decide(rules, identity: true).reason == .identified)
    }
  }

  @Test("is said by the port, else the workload, else the namespace, else the mesh")
  func precedence() throws {
    let rules = try Self.rules(
      Self.whole(.disable, in: Self.root),
      Self.whole(.strict),
      Self.own(.permissive, [.init(80, .strict), .init(90, nil)])
    )
    #expect(decide(rules, port: 80).reason == .strict)
    #expect(decide(rules, port: 90).reason == .permissive)
    #expect(decide(rules, port: 81).reason == .permissive)
    let unset = try Self.rules(
      Self.whole(.disable, in: Self.root),
      Self.whole(nil),
      Self.own(nil, [.init(80, .strict)])
    )
    #expect(decide(unset, port: 80).reason == .strict)
    #expect(decide(unset, port: 81).reason == .disabled)
    let others = try Self.rules(Self.whole(.strict, in: "bank"))
    #expect(decide(others, meshed: false).reason == .stranger)
  }

  @Test("is said by the older of two documents, then by the first by name")
  func older() throws {
    let rules = try Self.rules(
      Self.own(.strict, name: "a", created_s: 2),
      Self.own(.permissive, name: "b", created_s: 1)
    )
    #expect(rules.describe(decide(rules)).policy == "shop/b")
    let tie = try Self.rules(Self.own(.permissive, name: "b"), Self.own(.strict, name: "a"))
    #expect(tie.describe(decide(tie)).policy == "shop/a")
  }

  @Test("ends to be nobody when an exception ends, and what is strict stays")
  func ends() throws {
    let port = try Self.rules(Self.own(.strict, [.init(80, .permissive)], expires_s: 100), Self.whole(.disable))
    #expect(decide(port, now_s: 99).reason == .permissive)
    #expect(decide(port, now_s: 100).reason == .strict)
    #expect(port.isDecided(port: 80, now_s: 100))
    #expect(port.nextEnd_s(after: 99) == 100 && port.nextEnd_s(after: 100) == nil)
    let whole = try Self.rules(Self.own(.permissive, expires_s: 100), Self.whole(.strict, in: Self.root))
    #expect(decide(whole, now_s: 99).reason == .permissive)
    #expect(decide(whole, now_s: 100).reason == .strict)
    let alone = try Self.rules(Self.own(.permissive, expires_s: 100))
    #expect(decide(alone, now_s: 100).reason == .strictByDefault)
    #expect(alone.isDecided(port: 80, now_s: 99) && !alone.isDecided(port: 80, now_s: 100))
  }

  @Test("is explained as it is decided: 20,000 seeded connections")
  func agreement() throws {
    var random = SplitMix64(seed: 20_261_129)
    var counts: [PeerVerdict.Reason: Int] = [:]
    let identity = try SPIFFEID("spiffe://weft.local/ns/shop/sa/a")
    for _ in 0..<1_000 {
      let documents = (0..<Int.random(in: 0...5, using: &random)).map { random.document("d\($0)") }
      let rules = PeerRules(documents, for: try Workload(namespace: "shop", labels: Self.labels))
      for _ in 0..<20 {
        let port = UInt16.random(in: 1...4, using: &random)
        let isIdentified = Int.random(in: 0..<6, using: &random) == 0
        let meshed = Bool.random(using: &random)
        let now_s = Int64.random(in: 0...4, using: &random)
        let verdict = decide(rules, port: port, identity: isIdentified, meshed: meshed, now_s: now_s)
        let explained = rules.explain(
          port: port,
          identity: isIdentified ? identity : nil,
          isBetweenMeshed: meshed,
          now_s: now_s
        )
        counts[verdict.reason, default: 0] += 1
        #expect(explained.verdict == rules.describe(verdict), "\(documents) \(port) \(now_s)")
      }
    }
    for reason in PeerVerdict.Reason.allCases { #expect((counts[reason] ?? 0) > 500, "\(counts)") }
  }

  @Test("is told with what every document said")
  func explained() throws {
    let rules = try Self.rules(
      Self.own(.strict, [.init(80, .permissive)], expires_s: 100),
      Self.own(.strict, name: "zoo"),
      Self.whole(.disable)
    )
    let explained = rules.explain(port: 80, identity: nil, isBetweenMeshed: false, now_s: 100)
    #expect(explained.verdict.decision == .deny && explained.verdict.policy == "shop/own")
    #expect(
      explained.documents == [
        .init(policy: "shop/own", reason: "says PERMISSIVE for port 80, which has ended, and STRICT for all ports"),
        .init(policy: "shop/zoo", reason: "an older one is for the same workload, and is followed"),
        .init(policy: "shop/all", reason: "says DISABLE for its namespace; a narrower document has decided"),
      ]
    )
  }
}

extension SplitMix64 {
  /// A document that selects the workload, or nearly.
  fileprivate mutating func document(_ name: String) -> PeerAuthentication {
    func mode(_ random: inout SplitMix64) -> PeerAuthentication.Mode? {
      [nil, .strict, .permissive, .disable].randomElement(using: &random) ?? nil
    }
    let namespace =
      ["shop", "shop", "shop", "bank", PeerAuthentication.rootNamespace].randomElement(using: &self) ?? ""
    var document = PeerAuthentication(namespace: namespace, name: name, mode: mode(&self))
    if namespace != PeerAuthentication.rootNamespace, Int.random(in: 0..<2, using: &self) == 0 {
      document.selector = LabelSelector(
        matchLabels: ["app": ["web", "web", "sql"].randomElement(using: &self) ?? ""]
      )
      document.ports = (1...4).compactMap { port in
        Bool.random(using: &self) ? .init(UInt16(port), mode(&self)) : nil
      }
    }
    if Bool.random(using: &self) { document.expires_s = Int64.random(in: 1...4, using: &self) }
    document.created_s = Int64.random(in: 0...2, using: &self)
    return document
  }
}
