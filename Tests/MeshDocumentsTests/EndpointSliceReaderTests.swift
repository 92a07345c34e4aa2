import MeshDocuments
import MeshModel
import Testing

@Suite("EndpointSlice documents")
struct EndpointSliceReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "ports: [{port: 80}]",
        [
          "p.yaml:1:1: addressType is missing; wanted is addressType: IPv4"
        ]
      ),
      (
        "addressType: FQDN\nports: [{port: 80}]",
        [
          #"p.yaml:4:14: addressType: "FQDN" is not supported: endpoints are dialled by address; write IPv4 or IPv6"#
        ]
      ),
      (
        "addressType: ipv4\nports: [{port: 80}]",
        [
          #"p.yaml:4:14: addressType: "ipv4" is no type of address; did you mean "IPv4"?"#
        ]
      ),
      (
        "addressType: IPv4\nendpoints: []",
        [
          "p.yaml:1:1: ports is missing; wanted is ports: [{port: 8080}]"
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{}]",
        [
          "p.yaml:6:13: endpoints[0]: addresses is missing; wanted is addresses: [10.0.0.1]"
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: []}]",
        [
          "p.yaml:6:25: endpoints[0].addresses: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: ['2001:db8::1']}]",
        [
          #"p.yaml:6:26: endpoints[0].addresses[0]: "2001:db8::1" is not an IPv4 address"#
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [web]}]",
        [
          #"p.yaml:6:26: endpoints[0].addresses[0]: "web" is not an IPv4 address"#
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [0.0.0.0]}]",
        [
          "p.yaml:6:26: endpoints[0].addresses[0]: 0.0.0.0 cannot be dialled from elsewhere"
        ]
      ),
      (
        "addressType: IPv6\nports: [{port: 80}]\nendpoints: [{addresses: ['fe80::1']}]",
        [
          "p.yaml:6:26: endpoints[0].addresses[0]: fe80::1 cannot be dialled from elsewhere"
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1], conditions: {ready: yes}}]",
        [
          #"p.yaml:6:57: endpoints[0].conditions.ready: is "yes"; wanted is true or false, without quotes"#
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1], conditions: {redy: true}}]",
        [
          #"p.yaml:6:50: endpoints[0].conditions.redy: unknown field; did you mean "ready"?"#
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1], zone: 'a b'}]",
        [
          #"p.yaml:6:43: endpoints[0].zone: "a b" is not a zone: up to 63 letters, digits, -, _ and ."#
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1], deprecatedTopology: {}}]",
        [
          "p.yaml:6:37: endpoints[0].deprecatedTopology: is not supported; write zone"
        ]
      ),
      (
        "addressType: IPv4\nports: [{name: a}]",
        [
          "p.yaml:5:9: ports[0]: port is missing; wanted is port: 8080 or the like"
        ]
      ),
      (
        "addressType: IPv4\nports: [{port: 80}]\nspec: {}",
        [
          "p.yaml:6:1: spec: unknown field; known here: apiVersion, kind, metadata, addressType, endpoints, ports"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("EndpointSlice", body, for: expected)
  }

  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1, 10.0.0.2]}]",
        [
          "p.yaml:6:25: warning: endpoints[0].addresses: only the first is used, as in Kubernetes; write an endpoint for each"
        ]
      )
    ] as [(String, [String])]
  )
  func warnings(body: String, expected: [String]) {
    let text = document("EndpointSlice", body)
    #expect(issues(text).filter { !$0.contains("is not given") } == expected)
    #expect(read(text).snapshot != nil)
  }
}
