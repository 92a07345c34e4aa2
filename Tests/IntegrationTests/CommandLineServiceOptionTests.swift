import ArgumentParser
import MeshDocuments
import MeshModel
import Registry
import Testing

@testable import weft

/// `weft service register` without a file.
@Suite("What weft makes of a service's options")
struct CommandLineServiceOptionTests {
  @Test("makes a service file of options, that reads as what was meant")
  func options() throws {
    let options = try ServiceOptions.parse([
      "--name", "db", "-n", "shop", "--instance", "a", "--port", "sql:5432", "--port", "admin:8081", "--address",
      "10.0.0.5",
      "--check", "tcp", "--check", "http:/ready", "--check", "tcp:8081", "--check", "script:/bin/true -x", "--check",
      "ttl:30s",
      "--check", "grpc:shop.DB", "--label", "app=db", "--label", "e=", "--service-account", "db",
    ])
    try options.validateAsFile()
    let registration = try #require(RegistrationDocuments.read([options.source]).registrations.first)
    #expect(registration.key.description == "shop/db/a")
    #expect(registration.ports.map { "\($0.name):\($0.port)" } == ["sql:5432", "admin:8081"])
    #expect(registration.addresses.map(\.description) == ["10.0.0.5"])
    #expect(registration.labels == ["app": "db", "e": ""])
    #expect(registration.serviceAccount == "db")
    #expect(registration.checks.map(\.name) == ["tcp", "http", "tcp-2", "script", "ttl", "grpc"])
    #expect(
      registration.checks.map(\.kind) == [
        .tcp(port: nil), .http(.init(path: "/ready")), .tcp(port: 8081), .script(["/bin/true", "-x"]), .ttl(30_000),
        .grpc(port: nil, service: "shop.DB"),
      ]
    )
  }

  @Test(
    "refuses options that no service file could say, in its words",
    arguments: [
      (["--name", "web"], "port is missing"), (["--name", "web", "--port", "x"], "ports[0].port"),
      (["--port", "80"], "name"),
      (["--name", "web", "--port", "80", "--check", "ping"], "checks[0]"),
      (["--name", "web\"}", "--port", "80"], "name"),
      (["--name", "web", "--port", "80", "--label", "x"], "--label x is not KEY=VALUE"),
    ]
  )
  func wrong(arguments: [String], part: String) throws {
    let options = try ServiceOptions.parse(arguments)
    let error = try #require(throws: (any Error).self) { try options.validateAsFile() }
    #expect("\(error)".contains(part))
  }
}
