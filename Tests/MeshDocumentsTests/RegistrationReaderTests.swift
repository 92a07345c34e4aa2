import Foundation
import MeshDocuments
import MeshModel
import Registry
import Testing

@Suite("Service files")
struct RegistrationReaderTests {
  private func read(_ texts: String...) -> RegistrationReading {
    RegistrationDocuments.read(
      texts.enumerated().map { DocumentSource(name: "\($0.offset).yaml", bytes: Array($0.element.utf8)) }
    )
  }

  @Test("need no more than a name and a port")
  func small() {
    let reading = read("name: web\nport: 8080\ncheck: tcp\n")
    #expect(reading.issues.isEmpty)
    #expect(
      reading.registrations == [
        Registration(.init(name: "web"), ports: [.init(port: 8_080)], checks: [HealthCheck(.tcp(port: nil))])
      ]
    )
  }

  @Test("say all that a registration can hold")
  func whole() throws {
    let reading = read(
      """
      name: web
      namespace: shop
      instance: a
      serviceAccount: web
      addresses: [10.0.0.5, "fd00::5"]
      labels: {app: web}
      ports:
        - {name: http-web, port: 8080}
        - {name: admin, port: 9000, appProtocol: grpc}
      checks:
        - {name: http, http: {path: /healthz, port: 8080, host: web.example, statuses: [200, 204-299]}, interval: 5s, timeout: 500ms}
        - {name: short, http: /ready, passes: 2, failures: 1, start: passing}
        - {name: tcp, tcp: 9000}
        - {name: grpc, grpc: {port: 9000, service: shop.Web}}
        - {name: script, script: [/usr/lib/weft/check, "-q"], interval: 1m}
        - {name: own, ttl: 30s}
      ---
      name: db
      port: 5432
      check: {tcp: {port: 5432}}
      """
    )
    #expect(reading.issues.isEmpty && reading.registrations.count == 2)
    let web = try #require(reading.registrations.first)
    #expect(web.key.description == "shop/web/a" && web.serviceAccount == "web" && web.labels == ["app": "web"])
    #expect(web.addresses.map(\.description) == ["10.0.0.5", "fd00::5"])
    #expect(
      web.ports == [
        .init(name: "http-web", port: 8_080, appProtocol: .http), .init(name: "admin", port: 9_000, appProtocol: .grpc),
      ]
    )
    let statuses: [ClosedRange<UInt16>] = [200...200, 204...299]
    #expect(
      web.checks == [
        HealthCheck(
          name: "http",
          .http(.init(port: 8_080, path: "/healthz", host: "web.example", statuses: statuses)),
          interval_ms: 5_000,
          timeout_ms: 500
        ), HealthCheck(name: "short", .http(.init(path: "/ready")), passes: 2, failures: 1, startsPassing: true),
        HealthCheck(name: "tcp", .tcp(port: 9_000)),
        HealthCheck(name: "grpc", .grpc(port: 9_000, service: "shop.Web")),
        HealthCheck(name: "script", .script(["/usr/lib/weft/check", "-q"]), interval_ms: 60_000),
        HealthCheck(name: "own", .ttl(30_000)),
      ]
    )
  }

  @Test(
    "that are wrong are refused with the place and what would be right",
    arguments: [
      ("port: 80", "0.yaml:1:1: name is missing; wanted is name: web"),
      ("name: web", "0.yaml:1:1: port is missing; wanted is port: 8080"),
      ("name: web\nport: 80\nchek: tcp", #"0.yaml:3:1: chek: unknown field; did you mean "check"?"#),
      ("name: web\nport: 80\nports: [{port: 80}]", "0.yaml:2:7: port: is given beside ports; write one of them"),
      ("name: web\nport: 80\ncheck: tpc", #"0.yaml:3:8: check: "tpc" is no check; did you mean "tcp"?"#),
      (
        "name: web\nport: 80\ncheck: {interval: 5s}",
        "0.yaml:3:8: check: is no check; wanted is exactly one of tcp, http, grpc, script, ttl"
      ),
      ("name: web\nport: 80\ncheck: {httpGet: {path: /}}", "0.yaml:3:9: check.httpGet: is called http here"),
      ("name: web\nport: 80\ncheck: {http: {path: x}}", #"0.yaml:3:22: check.http.path: "x" does not start with "/""#),
      (
        "name: web\nport: 80\ncheck: {http: /, interval: 5}",
        "0.yaml:3:28: check.interval: 5 has no unit; wanted is a duration such as 10s, 1m30s or 500ms"
      ),
      (
        "name: web\nport: 80\ncheck: {http: /, interval: 1s, timeout: 2s}",
        "0.yaml:3:41: check.timeout: 2000 ms is longer than the interval of 1000 ms"
      ),
      (
        "name: web\nport: 80\ncheck: {http: {statuses: [2xx]}}",
        "0.yaml:3:27: check.http.statuses[0]: is not a status such as 200, or a range such as 200-399"
      ),
      ("name: web\nport: 80\ncheck: {tcp: 81}", "0.yaml:3:8: check: 81 is not one of the service's ports"),
      (
        "name: web\nport: 80\ncheck: {script: [true]}",
        "0.yaml:3:18: check.script[0]: true is a boolean, not text; put it in quotes"
      ),
      (
        "name: web\nport: 80\ncheck: {script: [curl]}",
        #"0.yaml:3:18: check.script[0]: "curl" is not an absolute path; no shell or PATH is used"#
      ),
      (
        "name: web\nport: 80\ncheck: {ttl: 30s, interval: 5s}",
        "0.yaml:3:29: check.interval: means nothing beside ttl: a report counts at once"
      ),
      (
        "name: Web\nport: 80", #"0.yaml:1:7: name: "Web" is not a DNS label: up to 63 lower-case letters, digits and -"#
      ),
      ("name: web\nport: 0", "0.yaml:2:7: port: 0 is not a port; wanted is 1 to 65535"),
      (
        "name: web\nports: [{name: a, port: 1}, {name: a, port: 2}]", #"0.yaml:2:36: ports[1].name: "a" is given twice"#
      ),
      (
        "name: web\nport: 80\naddress: 127.0.0.1",
        "0.yaml:3:10: address: 127.0.0.1 is a loopback address, which other hosts cannot dial"
      ),
      ("name: web\nport: 80\naddress: web", #"0.yaml:3:10: address: "web" is not an IP address"#),
      (
        "name: web\nport: 80\nlabels: {a b: c}",
        #"0.yaml:3:15: labels.a b: "a b" is not a label key: [prefix/]name of up to 63 letters, digits, -, _ and ."#
      ),
      ("- name: web", "0.yaml:1:1: is a list; wanted is an object"),
    ]
  )
  func refuses(text: String, issue: String) {
    let reading = read(text)
    #expect(reading.issues.map(\.description) == [issue])
    #expect(reading.registrations.isEmpty)
  }

  @Test("are as docs/registry.md has them")
  func page() throws {
    let parts = try DocumentsPage.text("docs/registry.md").components(separatedBy: "```")
    let example = try #require(parts.first { $0.hasPrefix("yaml\n") })
    let reading = read(String(example.dropFirst(5)))
    #expect(reading.issues.isEmpty)
    #expect(reading.registrations.map(\.key.description) == ["shop/web", "default/db/a"])
    #expect(reading.registrations.last?.checks.map(\.name) == ["alive", "ready", "rpc", "disk", "own"])
  }

  @Test("say what to write where a Kubernetes Service was meant")
  func kubernetes() {
    let reading = read("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}")
    #expect(reading.issues.first?.description.contains("is registered as name: web, port: 8080, check: tcp") == true)
  }

  @Test("of all files are refused where two have one name, and of none where one is wrong")
  func several() {
    let reading = read("name: web\nport: 80\n", "name: web\nport: 81\n")
    #expect(reading.issues.map(\.description) == ["1.yaml:1:7: name: default/web is already given at 0.yaml:1:1"])
    #expect(read("name: web\nport: 80\n", "name: api\n").registrations.isEmpty)
    #expect(read("name: web\nport: 80\n---\nname: web\ninstance: b\nport: 81\n").registrations.count == 2)
  }
}
