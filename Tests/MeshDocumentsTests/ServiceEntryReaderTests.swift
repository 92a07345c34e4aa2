import MeshDocuments
import MeshModel
import Testing

@Suite("ServiceEntry and WorkloadEntry documents")
struct ServiceEntryReaderTests {
  /// A ServiceEntry called default/p with this spec, which starts on line 4.
  private func entry(_ spec: String) -> String { document("ServiceEntry", "spec: {\(spec)}") }

  private func workload(_ name: String, _ spec: String, labels: String = "") -> String {
    document("WorkloadEntry", "spec: {\(spec)}")
      .replacing("{name: p}", with: "{name: \(name)\(labels.isEmpty ? "" : ", labels: {\(labels)}")}")
  }

  private static let ports =
    "ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, targetPort: 8443}]"

  private func service(_ text: String) throws -> Service {
    let reading = read(text)
    #expect(reading.issues.map(\.description) == [])
    return try #require(reading.snapshot?.mesh.services.first)
  }

  @Test("say who serves, each at its own port, else the target port, else the service's")
  func fixed() throws {
    let service = try service(
      entry(
        """
        hosts: [p.default.mesh, p], addresses: [10.9.0.1, "2001:db8::1"], location: MESH_INTERNAL, resolution: STATIC, \(Self.ports),
         endpoints: [{address: 10.1.0.2, ports: {http: 8080}, locality: eu/eu-1a/rack}, {address: 10.1.0.1, labels: {a: b}}]
        """
      )
    )
    #expect(service.fullName == "default/p")
    #expect(service.addresses.map(\.description) == ["10.9.0.1", "2001:db8::1"])
    #expect(service.ports.map(\.name) == ["http", "tls"])
    #expect(service.ports.map(\.appProtocol) == [.http, .tls])
    #expect(
      service.ports.map { $0.endpoints.map(\.description) } == [
        ["10.1.0.1:80", "10.1.0.2:8080 zone=eu-1a"], ["10.1.0.1:8443", "10.1.0.2:8443 zone=eu-1a"],
      ]
    )
  }

  @Test("with resolution DNS are at hosts, each at its own port, or addresses; without endpoints at the host itself")
  func named() throws {
    let given = try service(
      entry(
        """
        hosts: [p], resolution: DNS, \(Self.ports),
         endpoints: [{address: DB.example.com, ports: {http: 8080}, locality: eu/eu-1a}, {address: 10.1.0.1}]
        """
      )
    )
    #expect(
      given.ports.map { $0.named.map(\.description) } == [
        ["db.example.com:8080 zone=eu-1a"], ["db.example.com:8443 zone=eu-1a"],
      ]
    )
    #expect(given.ports.map { $0.endpoints.map(\.description) } == [["10.1.0.1:80"], ["10.1.0.1:8443"]])
    let own = read(entry("hosts: [p, API.example.com], resolution: DNS_ROUND_ROBIN, \(Self.ports)"))
    let service = try #require(own.snapshot?.mesh.services.first)
    #expect(
      service.ports.map { $0.named.map(\.description) } == [["api.example.com:80 one"], ["api.example.com:8443 one"]]
    )
  }

  @Test("with resolution NONE go on to the address that was dialled")
  func passed() throws {
    let service = try service(
      entry("hosts: [p], addresses: [192.0.2.7], location: MESH_EXTERNAL, resolution: NONE, \(Self.ports)")
    )
    #expect(service.ports.map { $0.endpoints.map(\.description) } == [["192.0.2.7:80"], ["192.0.2.7:443"]])
  }

  @Test("find the WorkloadEntries of their namespace by labels, those of the metadata too")
  func selected() throws {
    let text = [
      entry("hosts: [p], resolution: STATIC, workloadSelector: {labels: {app: a, v: x}}, \(Self.ports)"),
      workload("one", "address: 10.1.0.1, labels: {app: a, v: x, z: w}, ports: {tls: 9443}"),
      workload("two", "address: 10.1.0.2, labels: {app: a}", labels: "v: x, app: b"),
    ].joined(separator: "\n---\n")
    #expect(
      try service(text).ports.map { $0.endpoints.map(\.description) } == [
        ["10.1.0.1:80", "10.1.0.2:80"], ["10.1.0.1:9443", "10.1.0.2:8443"],
      ]
    )
    let other = [text, workload("three", "address: 10.1.0.3, labels: {app: a, v: w}")].joined(separator: "\n---\n")
    #expect(
      read(other).issues.map(\.description)
        == ["p.yaml:18:18: warning: metadata.name: no ServiceEntry of namespace default selects it; it is left out"]
    )
  }

  @Test("can be what a route or a policy is for, and share no name or address with a service")
  func together() {
    let entry = entry(
      "hosts: [p], addresses: [10.0.0.1], resolution: STATIC, endpoints: [{address: 10.1.0.1}], \(Self.ports)"
    )
    let route = document("HTTPRoute", "spec: {parentRefs: [{group: '', kind: Service, name: p, port: 80}]}")
    #expect(issues("\(entry)\n---\n\(route)") == [])
    #expect(
      issues("\(entry)\n---\n\(document("Service", "spec: {}"))") == [
        "p.yaml:8:18: metadata.name: service entry default/p, given at p.yaml:3:18, is a service of this name already"
      ]
    )
    let clash = document("Service", "spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}").replacing(
      "name: p",
      with: "name: q"
    )
    #expect(
      issues("\(clash)\n---\n\(entry)") == [
        "p.yaml:9:31: spec.addresses: 10.0.0.1:80 is already an address of service default/q, given at p.yaml:4:19"
      ]
    )
  }

  @Test(
    "are refused where they would not be done as written",
    arguments: [
      (
        "hosts: [p], resolution: DYNAMIC_DNS",
        "spec.resolution: \"DYNAMIC_DNS\" is not supported: names are known before they are asked for; write DNS with endpoints"
      ),
      (
        "hosts: [p], resolution: DNS",
        "spec.hosts: with resolution DNS and no endpoints needs one name outside the mesh; write endpoints: [...]"
      ),
      (
        "hosts: [a.example.com, b.example.com], resolution: DNS",
        "spec.hosts: with resolution DNS and no endpoints needs one name outside the mesh; write endpoints: [...]"
      ),
      (
        "hosts: ['*.example.com'], resolution: DNS",
        "spec.hosts: \"*.example.com\" is no name that can be asked for; write endpoints: [{address: db.example.com}]"
      ),
      (
        "hosts: [p], resolution: DNS, endpoints: [{address: '*.example.com'}]",
        "spec.endpoints[0].address: \"*.example.com\" cannot have a wildcard here"
      ),
      (
        "hosts: [p], resolution: DNS, endpoints: [{address: web.default.mesh}]",
        "spec.endpoints[0].address: is a name of the mesh, which is no host's: write the service's own endpoints, or a route to it"
      ),
      (
        "hosts: [p], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.test}, {address: b.test}]",
        "spec.endpoints: with resolution DNS_ROUND_ROBIN has one entry at most; write DNS"
      ),
      (
        "hosts: [p], resolution: DNS, workloadSelector: {labels: {a: b}}",
        "spec.workloadSelector: does not go with resolution DNS; write STATIC"
      ),
      ("hosts: [p], resolution: STATIC", "spec: endpoints is missing; wanted is endpoints: [{address: 10.0.0.1}]"),
      ("hosts: [p]", "spec: resolution is missing; wanted is resolution: STATIC"),
      ("resolution: NONE, addresses: [192.0.2.1]", "spec: hosts is missing; wanted is hosts: [p.default.mesh]"),
      (
        "hosts: [q.default.mesh], resolution: NONE, addresses: [192.0.2.1]",
        "spec.hosts[0]: is another service's name; this one is called as its document, p.default.mesh"
      ),
      (
        "hosts: [p], resolution: NONE, addresses: [192.0.2.0/24]",
        "spec.addresses[0]: \"192.0.2.0/24\" is not an IP address; blocks of several are not supported"
      ),
      (
        "hosts: [p], resolution: STATIC, endpoints: [{address: 10.0.0.1, weight: 5}]",
        "spec.endpoints[0].weight: is not supported: endpoints are chosen by latency and load; leave it out"
      ),
      (
        "hosts: [p], resolution: STATIC, endpoints: [{address: db.example.com}]",
        "spec.endpoints[0].address: \"db.example.com\" is not an IP address; names need a ServiceEntry with resolution: DNS and endpoints, and unix:// sockets are not supported"
      ),
      (
        "hosts: [p], resolution: STATIC, endpoints: [{address: 10.0.0.1}], workloadSelector: {labels: {a: b}}",
        "spec.workloadSelector: does not go with endpoints; leave one out"
      ),
      (
        "hosts: [p], resolution: STATIC, workloadSelector: {labels: {}}",
        "spec.workloadSelector: selects everything; name a label"
      ),
      (
        "hosts: [p], resolution: STATIC, endpoints: [{address: 10.0.0.1}], exportTo: [.]",
        "spec.exportTo: is not supported: a service is for all namespaces; leave it out"
      ),
      ("hosts: [p], resolution: STATIC, endpoint: []", "spec.endpoint: unknown field; did you mean \"endpoints\"?"),
    ]
  )
  func refused(spec: String, issue: String) {
    let text = issues(entry("\(spec), \(Self.ports)"))
    #expect(text.first?.hasPrefix("p.yaml:4:") == true)
    #expect(text.contains { $0.hasSuffix(": \(issue)") }, "\(text)")
  }

  @Test("of more than 1,000 workloads are refused, and so is the workload that is one too many")
  func bounded() throws {
    let entry = entry(
      "hosts: [p], resolution: STATIC, workloadSelector: {labels: {app: a}}, ports: [{number: 80, name: a}]"
    )
    func workload(_ index: Int) -> String {
      self.workload("w\(1_000 + index)", "address: 10.1.\(index / 250).\(index % 250), labels: {app: a}")
    }
    let thousand = (0..<1_000).map(workload).joined(separator: "\n---\n")
    let message = "service entry default/p selects 1001 workloads, more than the 1000 left"
    #expect(
      issues("\(entry)\n---\n\(thousand)\n---\n\(workload(1_000))") == ["p.yaml:3:18: metadata.name: \(message)"]
    )
    let set = try #require(DocumentSet.empty.with(reading("\(entry)\n---\n\(thousand)").documents))
    #expect(set.compiled.mesh.services.first?.ports.first?.endpoints.count == 1_000)
    let change = set.applying(reading(workload(1_000)).documents)
    #expect(change.isRefused)
    #expect(change.issues.map(\.description) == ["p.yaml:3:18: metadata.name: \(message)"])
  }

  @Test("take no mesh beyond 100,000 endpoints, nor do slices")
  func total() throws {
    let ports = (1...100).map { "{number: \($0), name: p\($0)}" }.joined(separator: ", ")
    let endpoints = (1...10).map { "{address: 10.1.0.\($0)}" }.joined(separator: ", ")
    func entry(_ index: Int) -> String {
      self.entry("hosts: [p\(index)], resolution: STATIC, endpoints: [\(endpoints)], ports: [\(ports)]")
        .replacing("name: p}", with: "name: p\(index)}")
    }
    let hundred = (1...100).map(entry).joined(separator: "\n---\n")
    #expect(
      issues("\(hundred)\n---\n\(entry(101))")
        == ["p.yaml:503:18: metadata.name: takes all services beyond the 100000 endpoints allowed"]
    )
    let service = document("Service", "spec: {ports: [{port: 80}]}").replacing("name: p}", with: "name: web}")
    let slice = document(
      "EndpointSlice",
      "addressType: IPv4\nports: [{port: 80}]\nendpoints: [{addresses: [10.0.0.1]}]"
    )
    #expect(
      issues("\(hundred)\n---\n\(service)\n---\n\(slice)")
        == ["p.yaml:508:18: metadata.name: takes all services beyond the 100000 endpoints allowed"]
    )
  }

  @Test("are warned of names that the mesh does not answer")
  func names() {
    let text = entry("hosts: [api.example.com], resolution: NONE, addresses: [192.0.2.7], \(Self.ports)")
    #expect(
      issues(text) == [
        "p.yaml:4:16: warning: spec.hosts[0]: is a name that the mesh does not answer; programs reach this as "
          + "p.default.mesh, or by its addresses"
      ]
    )
    #expect(read(text).snapshot?.mesh.services.first?.hosts == ["api.example.com"])
  }

  @Test("keep the names that TLS clients ask for, wild ones too, in small letters and each once")
  func hosts() throws {
    let hosts = "[API.example.com, p.default.mesh, '*.Example.org', api.example.com]"
    let snapshot = try #require(
      read(entry("hosts: \(hosts), resolution: NONE, addresses: [192.0.2.7], \(Self.ports)")).snapshot
    )
    #expect(snapshot.mesh.services.first?.hosts == ["api.example.com", "*.example.org"])
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
    let wrong = read(entry("hosts: ['a.*.b'], resolution: NONE, addresses: [192.0.2.7], \(Self.ports)"))
    #expect(wrong.errors.map(\.field) == ["spec.hosts[0]"])
  }
}
