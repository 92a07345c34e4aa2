import MeshDocuments
import MeshModel
import Testing

@Suite("NetworkPolicy documents")
struct NetworkPolicyReaderTests {
  private func only(_ text: String) throws -> NetworkPolicy {
    let reading = read(text)
    #expect(reading.errors.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.policies.first)
  }

  @Test("become the policies that Kubernetes would make of them")
  func whole() throws {
    let found = try only(
      """
      # As in the documentation of Kubernetes.
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: test-network-policy
        namespace: shop
        labels: {team: "7"}
        creationTimestamp: null
      spec:
        podSelector:
          matchLabels: {role: db}
          matchExpressions:
            - {key: tier, operator: In, values: [a, b]}
            - {key: legacy, operator: DoesNotExist}
        policyTypes: [Ingress, Egress]
        ingress:
          - from:
              - ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}
              - ipBlock: {cidr: "2001:db8::/32"}
            ports:
              - {protocol: TCP, port: 6379}
              - port: 8000
                endPort: 8080
        egress:
          - {}
      """
    )
    let wide = try #require(IPPrefix("172.17.0.0/16"))
    let hole = try #require(IPPrefix("172.17.1.0/24"))
    let block = try #require(IPBlock(wide, except: [hole]))
    let six = try #require(IPPrefix("2001:db8::/32"))
    let sixBlock = try #require(IPBlock(six))
    #expect(
      found
        == NetworkPolicy(
          namespace: "shop",
          name: "test-network-policy",
          podSelector: LabelSelector(
            matchLabels: ["role": "db"],
            matchExpressions: [.isIn(key: "tier", values: ["a", "b"]), .doesNotExist(key: "legacy")]
          ),
          ingress: [
            .init(ipBlocks: [block, sixBlock], ports: [PortMatch(.tcp, 6379...6379), PortMatch(.tcp, 8000...8080)])
          ],
          egress: [.init()]
        )
    )
  }

  @Test(
    "restrict by default ingress always, and egress if there are egress rules",
    arguments: [
      ("spec: {podSelector: {}}", ["Ingress"]),
      ("spec: {podSelector: {}, policyTypes: []}", ["Ingress"]),
      ("spec: {podSelector: {}, egress: [{}]}", ["Ingress", "Egress"]),
      ("spec: {podSelector: {}, ingress: [{}], egress: []}", ["Ingress"]),
      ("spec: {podSelector: {}, policyTypes: [Egress]}", ["Egress"]),
      ("spec: {podSelector: {}, policyTypes: [Egress], egress: null}", ["Egress"]),
      ("spec: {podSelector: {}, policyTypes: [Egress, Ingress]}", ["Ingress", "Egress"]),
    ]
  )
  func policyTypes(spec: String, expected: [String]) throws {
    #expect(try only(policy(spec)).policyTypes == expected)
  }

  @Test("belong to the namespace default where they name none")
  func namespace() throws {
    #expect(try only(policy("spec: {podSelector: {}}")).fullName == "default/p")
  }

  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "spec: {podSelector: {}, egress: []}",
        "p.yaml:4:33: warning: spec.egress: an empty egress restricts nothing without policyTypes; add policyTypes: [Ingress, Egress]"
      ),
      (
        "spec: {podSelector: {}, policyTypes: [Ingress], egress: [{}]}",
        "p.yaml:4:57: warning: spec.egress: has no effect, since policyTypes leaves Egress out"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{protocol: UDP, port: 53}]}]}",
        "p.yaml:4:55: warning: spec.ingress[0].ports[0].protocol: the proxy sees TCP only; UDP ports are not enforced yet"
      ),
      (
        "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.2.3/8}}]}]}",
        "p.yaml:4:60: warning: spec.ingress[0].from[0].ipBlock.cidr: 10.1.2.3/8 has bits beyond its length; it means 10.0.0.0/8"
      ),
    ]
  )
  func warnings(spec: String, expected: String) {
    #expect(issues(policy(spec)) == [expected])
    #expect(read(policy(spec)).snapshot != nil)
  }

  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {ingress: []}",
        "p.yaml:4:7: spec: podSelector is missing; write podSelector: {} to select every workload of the namespace"
      ),
      ("spec: {podSelector: {}, ingres: []}", "p.yaml:4:25: spec.ingres: unknown field; did you mean \"ingress\"?"),
      (
        "spec: {podSelector: {}, PolicyTypes: []}",
        "p.yaml:4:25: spec.PolicyTypes: unknown field; did you mean \"policyTypes\"?"
      ),
      (
        "spec: {podSelector: {}, xyz: []}",
        "p.yaml:4:25: spec.xyz: unknown field; known here: podSelector, policyTypes, ingress, egress"
      ),
      (
        "spec: {podSelector: {}, policyTypes: [ingress]}",
        "p.yaml:4:39: spec.policyTypes[0]: \"ingress\" is no policy type; did you mean \"Ingress\"?"
      ),
      ("spec: {podSelector: {}, ingress: {}}", "p.yaml:4:34: spec.ingress: is an object; wanted is a list"),
      (
        "spec: {podSelector: {}, ingress: [{to: []}]}",
        "p.yaml:4:36: spec.ingress[0].to: an ingress rule has \"from\", not \"to\""
      ),
      (
        "spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
        "p.yaml:4:44: spec.ingress[0].from[0].podSelector: is not supported yet, since a proxy sees addresses, not pods; write ipBlock: {cidr: ...}"
      ),
      (
        "spec: {podSelector: {}, ingress: [{from: [{}]}]}",
        "p.yaml:4:43: spec.ingress[0].from[0]: names no peer; wanted is ipBlock: {cidr: ...}"
      ),
      (
        "spec: {podSelector: {}, egress: [{to: [{ipBlock: {}}]}]}",
        "p.yaml:4:50: spec.egress[0].to[0].ipBlock: cidr is missing; wanted is cidr: 10.0.0.0/8 or the like"
      ),
      (
        "spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.1}}]}]}",
        "p.yaml:4:57: spec.egress[0].to[0].ipBlock.cidr: \"10.0.0.1\" is not a CIDR block such as 10.0.0.0/8 or 2001:db8::/32; did you mean 10.0.0.1/32?"
      ),
      (
        "spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/8]}}]}]}",
        "p.yaml:4:78: spec.egress[0].to[0].ipBlock.except[0]: 11.0.0.0/8 is not a smaller block within 10.0.0.0/8"
      ),
      (
        "spec: {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
        "p.yaml:4:78: spec.egress[0].to[0].ipBlock.except[0]: 10.0.0.0/8 is not a smaller block within 10.0.0.0/8"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{port: http}]}]}",
        "p.yaml:4:51: spec.ingress[0].ports[0].port: named ports are not supported, since a proxy sees numbers; write the number of \"http\""
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{port: \"80\"}]}]}",
        "p.yaml:4:51: spec.ingress[0].ports[0].port: \"80\" is text; wanted is a whole number, without quotes"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{port: 65536}]}]}",
        "p.yaml:4:51: spec.ingress[0].ports[0].port: 65536 is not a port; ports are 1 to 65535"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{port: -1}]}]}",
        "p.yaml:4:51: spec.ingress[0].ports[0].port: -1 is not a port; ports are 1 to 65535"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}",
        "p.yaml:4:64: spec.ingress[0].ports[0].endPort: 79 is less than port 80"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{endPort: 79}]}]}",
        "p.yaml:4:54: spec.ingress[0].ports[0].endPort: needs a port to start from; write port: ... before it"
      ),
      (
        "spec: {podSelector: {}, ingress: [{ports: [{protocol: tcp, port: 80}]}]}",
        "p.yaml:4:55: spec.ingress[0].ports[0].protocol: \"tcp\" is no protocol; did you mean \"TCP\"?"
      ),
      (
        "spec: {podSelector: {matchLabels: {app: true}}}",
        "p.yaml:4:41: spec.podSelector.matchLabels.app: true is a boolean, not text; put it in quotes"
      ),
      (
        "spec: {podSelector: {matchLabels: {app: yes}}}",
        "p.yaml:4:41: spec.podSelector.matchLabels.app: yes is a boolean, not text; put it in quotes"
      ),
      (
        "spec: {podSelector: {matchLabels: {app: 1e3}}}",
        "p.yaml:4:41: spec.podSelector.matchLabels.app: 1e3 is a number, not text; put it in quotes"
      ),
      (
        "spec: {podSelector: {matchLabels: {-a: b}}}",
        "p.yaml:4:40: spec.podSelector.matchLabels.-a: \"-a\" is not a label key: [prefix/]name of up to 63 letters, digits, -, _ and ."
      ),
      (
        "spec: {podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
        "p.yaml:4:60: spec.podSelector.matchExpressions[0].operator: \"in\" is no operator; did you mean \"In\"?"
      ),
      (
        "spec: {podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
        "p.yaml:4:60: spec.podSelector.matchExpressions[0].operator: Exists takes no values"
      ),
      (
        "spec: {podSelector: {matchExpressions: [{key: a, operator: NotIn}]}}",
        "p.yaml:4:60: spec.podSelector.matchExpressions[0].operator: NotIn needs values"
      ),
      (
        "spec: {podSelector: !!set {}}",
        "p.yaml:4:21: spec.podSelector: the tag tag:yaml.org,2002:set is not supported; leave it out"
      ),
      ("status: {}", "p.yaml:1:1: spec is missing; wanted is spec: {podSelector: ..., ingress: ..., egress: ...}"),
    ]
  )
  func refusals(spec: String, expected: String) {
    #expect(issues(policy(spec)) == [expected])
    #expect(read(policy(spec)).snapshot == nil)
  }

  @Test(
    "have a name, and a namespace, as Kubernetes spells them",
    arguments: [
      ("{}", "p.yaml:1:71: metadata: name is missing; records name the document by it"),
      (
        "{name: A}", "p.yaml:1:78: metadata.name: \"A\" is not a name: lower-case letters, digits, - and ., at most 253"
      ),
      ("{name: 7}", "p.yaml:1:78: metadata.name: 7 is a number, not text; put it in quotes"),
      (
        "{name: a, namespace: b.c}",
        "p.yaml:1:92: metadata.namespace: \"b.c\" is not a namespace: lower-case letters, digits and -, at most 63"
      ),
      (
        "{generateName: a, name: b}",
        "p.yaml:1:72: metadata.generateName: is not supported, since documents are known by their names; write name: ..."
      ),
    ]
  )
  func names(metadata: String, expected: String) {
    let text = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: \(metadata), spec: {podSelector: {}}}"
    let found = issues(text)
    #expect(
      found.first?.split(separator: ": ", maxSplits: 1).last == expected.split(separator: ": ", maxSplits: 1).last
    )
    #expect(found.count == 1)
  }

  @Test("are refused beyond the bounds of a snapshot")
  func bounds() {
    let ports = Array(repeating: "{port: 1}", count: SnapshotLimits.maxPorts + 1).joined(separator: ",")
    #expect(
      issues(policy("spec: {podSelector: {}, ingress: [{ports: [\(ports)]}]}"))
        == ["p.yaml:4:43: spec.ingress[0].ports: has 1001 entries, more than the 1000 allowed"]
    )
  }
}
