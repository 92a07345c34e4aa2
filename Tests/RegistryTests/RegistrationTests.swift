import Foundation
import MeshModel
import Registry
import Testing

@Suite("Registrations")
struct RegistrationTests {
  static let web = Registration(
    .init(namespace: "shop", name: "web"),
    ports: [.init(name: "http", port: 8_080, appProtocol: .http), .init(name: "admin", port: 9_000)],
    labels: ["app": "web"],
    checks: [HealthCheck(.http(.init(path: "/healthz")))]
  )

  private static func changed(_ change: (inout Registration) -> Void) -> Registration {
    var registration = web
    change(&registration)
    return registration
  }

  typealias Case = (Registration, String)
  @Test(
    "that are wrong are refused with the field and what would be right",
    arguments: [
      (changed { $0.key.name = "Web" }, #"name: "Web" is not a DNS label: up to 63 lower-case letters, digits and -"#),
      (
        changed { $0.key.name = "web.v2" },
        #"name: "web.v2" is not a DNS label: up to 63 lower-case letters, digits and -"#
      ),
      (
        changed { $0.key.namespace = "" },
        #"namespace: "" is not a DNS label: up to 63 lower-case letters, digits and -"#
      ),
      (
        changed { $0.key.instance = "a b" },
        #"instance: "a b" is not a DNS label: up to 63 lower-case letters, digits and -"#
      ),
      (changed { $0.serviceAccount = "A" }, #"serviceAccount: "A" is not a DNS subdomain"#),
      (changed { $0.ports = [] }, "ports: is empty; a service has at least one port"),
      (changed { $0.ports[1].port = 0 }, "ports[1].port: 0 is not a port; ports are 1 to 65535"),
      (changed { $0.ports[1].port = 8_080 }, "ports[1].port: 8080 is given twice"),
      (changed { $0.ports[1].name = "http" }, #"ports[1].name: "http" is given twice"#),
      (changed { $0.ports[1].name = "" }, "ports[1].name: is missing; of several ports each needs one"),
      (
        changed { $0.ports = (1...33).map { .init(name: "p\($0)", port: $0) } },
        "ports: 33 entries are more than the 32 allowed"
      ),
      (
        changed { $0.addresses = [IPAddress(v4: 0)] },
        "addresses[0]: 0.0.0.0 stands for any address; name one, or leave it out"
      ),
      (
        changed { $0.addresses = [IPAddress(v4: 0x7f00_0001)] },
        "addresses[0]: 127.0.0.1 is a loopback address, which other hosts cannot dial"
      ),
      (
        changed { $0.addresses = [IPAddress(v4: 0xf001_0203)] },
        "addresses[0]: 240.1.2.3 is a virtual address, behind which nobody listens"
      ),
      (changed { $0.addresses = [IPAddress(v4: 0xe000_0001)] }, "addresses[0]: 224.0.0.1 is a multicast address"),
      (
        changed { $0.addresses = [IPAddress(v4: 1 << 24), IPAddress(v4: 1 << 24)] },
        "addresses[1]: 1.0.0.0 is given twice"
      ),
      (
        changed { $0.labels["a b"] = "" },
        #"labels: "a b" is not a label key: [prefix/]name of letters, digits, -, _ and ."#
      ),
      (
        changed { $0.labels["app"] = "a b" },
        #"labels.app: "a b" is not a label value: up to 63 letters, digits, -, _ and ."#
      ),
    ] as [Case]
  )
  func refuses(registration: Registration, message: String) {
    #expect(throws: RegistrationError.self) { try registration.validate() }
    do throws(RegistrationError) { try registration.validate() } catch { #expect(error.description == message) }
  }

  @Test(
    "with a wrong check are refused too",
    arguments: [
      ([HealthCheck(.tcp(port: 1))], "checks[0].port: 1 is not one of the service's ports"),
      (
        [HealthCheck(.tcp(port: nil)), HealthCheck(.ttl(5_000))],
        "checks[1].name: is missing; of several checks each needs one"
      ),
      ([HealthCheck(.tcp(port: nil), interval_ms: 10)], "checks[0].interval: 10 ms is not from 100 ms to 86400000 ms"),
      (
        [HealthCheck(.tcp(port: nil), timeout_ms: 20_000)],
        "checks[0].timeout: 20000 ms is longer than the interval of 10000 ms"
      ),
      ([HealthCheck(.tcp(port: nil), passes: 0)], "checks[0].passes: 0 is not from 1 to 100"),
      ([HealthCheck(.tcp(port: nil), failures: 101)], "checks[0].failures: 101 is not from 1 to 100"),
      ([HealthCheck(.http(.init(path: "x")))], #"checks[0].http.path: "x" does not start with "/""#),
      (
        [HealthCheck(.http(.init(path: "/\r\nHost: x")))],
        "checks[0].http.path: holds a space, a control character or a letter that is not ASCII"
      ),
      ([HealthCheck(.http(.init(statuses: [])))], "checks[0].http.statuses: 0 ranges are not from 1 to 16"),
      (
        [HealthCheck(.http(.init(statuses: [200...600])))], "checks[0].http.statuses[0]: 200-600 is not from 100 to 599"
      ),
      ([HealthCheck(.script([]))], "checks[0].script: is empty; wanted is a program and its arguments"),
      (
        [HealthCheck(.script(["true"]))],
        #"checks[0].script[0]: "true" is not an absolute path; no shell or PATH is used"#
      ),
      ([HealthCheck(.script(["/bin/true", "a\u{0}b"]))], "checks[0].script[1]: holds a NUL"),
      ([HealthCheck(.ttl(0))], "checks[0].ttl: 0 ms is not from 100 ms to 86400000 ms"),
    ] as [([HealthCheck], String)]
  )
  func refusesChecks(checks: [HealthCheck], message: String) {
    let registration = Self.changed { $0.checks = checks }
    #expect(throws: RegistrationError.self) { try registration.validate() }
    do throws(RegistrationError) { try registration.validate() } catch { #expect(error.description == message) }
  }

  @Test("have the defaults that Kubernetes has")
  func defaults() throws {
    let check = HealthCheck(.tcp(port: nil))
    #expect(
      (check.interval_ms, check.timeout_ms, check.passes, check.failures, check.startsPassing) == (
        10_000, 1_000, 1, 3, false
      )
    )
    #expect(HealthCheck(.script(["/bin/true"])).timeout_ms == 10_000)
    #expect(HealthCheck(.tcp(port: nil), interval_ms: 500).timeout_ms == 500)
    let http = HealthCheck.HTTP()
    #expect(http.passes(200) && http.passes(399) && !http.passes(400) && !http.passes(199))
    #expect(
      [0, 1, 2, -1, 127].map { CheckOutcome(exitStatus: $0) } == [.passing, .warning, .failing, .failing, .failing]
    )
    let small = Registration(.init(name: "web"), ports: [.init(port: 80)])
    #expect(small.key.description == "default/web" && small.serviceAccount == "default")
    #expect(throws: Never.self) { try small.validate() }
  }

  @Test("come back from JSON as they were written, and leave out what has its default")
  func json() throws {
    var registration = Self.web
    registration.key.instance = "a"
    registration.addresses = [try #require(IPAddress("10.0.0.1"))]
    registration.serviceAccount = "web"
    registration.checks = [
      HealthCheck(name: "a", .tcp(port: 9_000)),
      HealthCheck(name: "b", .grpc(port: nil, service: "shop.Web"), timeout_ms: 50),
      HealthCheck(
        name: "c",
        .http(.init(port: 8_080, path: "/x", host: "x", statuses: [200...200, 204...299])),
        passes: 2
      ),
      HealthCheck(name: "d", .script(["/bin/true"]), failures: 1, startsPassing: true),
      HealthCheck(name: "e", .ttl(30_000)),
    ]
    let record = RegistryRecord(
      registration,
      owner: .file("/etc/weft/services/web.yaml"),
      passing: ["a", "d"],
      isMeshed: true
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(try JSONDecoder().decode(RegistryRecord.self, from: encoder.encode(record)) == record)
    let small = Registration(.init(name: "web"), ports: [.init(port: 80)], checks: [HealthCheck(.tcp(port: nil))])
    #expect(
      String(decoding: try encoder.encode(RegistryRecord(small, owner: .user(1_000))), as: UTF8.self)
        == #"{"owner":"user 1000","registration":{"checks":[{"tcp":{}}],"name":"web","ports":[{"port":80}]}}"#
    )
  }

  @Test(
    "are refused as JSON where a key or value is not known",
    arguments: [
      #"{"name":"web","ports":[],"port":80}"#, #"{"ports":[]}"#, #"{"name":"web","ports":[{"port":70000}]}"#,
      #"{"name":"web","ports":[],"checks":[{}]}"#, #"{"name":"web","ports":[],"checks":[{"tcp":{},"ttl_ms":1}]}"#,
      #"{"name":"web","ports":[],"checks":[{"http":{"statuses":["2xx"]}}]}"#,
      #"{"name":"web","ports":[],"checks":[{"http":{"statuses":["300-200"]}}]}"#,
      #"{"name":"web","ports":[],"addresses":["10.0.0"]}"#,
    ]
  )
  func strict(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Registration.self, from: Data(json.utf8)) }
  }
}
