// swift-tools-version: 6.2
//
// The house, top to bottom: executables, assemblies, pure modules, the kernel, C.
// Arrows point down only; a module that is not listed as a dependency cannot be reached.

import PackageDescription

/// Every Swift target is held to the same language rules.
let rules: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift module of the house. `uses` names modules of this package, `products` those of others.
func module(_ name: String, uses: [String] = [], products: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses.map { .target(name: $0) } + products, swiftSettings: rules)
}

/// An entry point: it reads options and hands over to an assembly.
func program(_ name: String, uses: [String]) -> Target {
  .executableTarget(
    name: name,
    dependencies: uses.map { .target(name: $0) } + [argumentParser],
    swiftSettings: rules
  )
}

/// The tests of one module, in the folder that mirrors it.
func tests(
  _ name: String,
  uses: [String] = [],
  products: [Target.Dependency] = [],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: ([name] + uses).map { .target(name: $0) } + products,
    exclude: exclude,
    swiftSettings: rules
  )
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "weft",
  products: [
    .executable(name: "weft", targets: ["weft"]),
    .executable(name: "weft-proxy", targets: ["weft-proxy"]),
    .executable(name: "weft-capture", targets: ["weft-capture"]),
    .executable(name: "weft-agent", targets: ["weft-agent"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    // Without its traits it needs no full Foundation, whose memory every proxy would pay for.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    // The agent's.
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    // Executables
    program(
      "weft",
      uses: [
        "AgentLink", "Interception", "MeshDocuments", "Explanations", "Policy", "MeshAPI", "MeshModel", "Kernel",
        "TransportSecurity",
      ]
    ),
    program("weft-proxy", uses: ["ProxyPath"]),
    program("weft-capture", uses: ["Interception"]),
    program("weft-agent", uses: ["AgentCore"]),

    // The agent: one per host, ordinary server code
    module(
      "AgentCore",
      uses: [
        "PeerService", "NameService", "HealthChecks", "Membership", "AgentStore", "Authority", "Discovery",
        "MeshServices", "MeshDocuments", "Replication", "Registry", "DNS", "Journal", "Kernel", "MeshAPI", "MeshModel",
      ],
      products: [
        grpc, grpcProtobuf, grpcTransport, nioCore, nioPosix, nioHTTP2, hummingbird, lifecycle, unixSignals, logging,
        protobuf, x509,
      ]
    ),
    module(
      "PeerService",
      uses: ["Authority", "Replication", "MeshServices", "MeshAPI", "MeshModel"],
      products: [grpc, protobuf, grpcTransport, nioCore, nioPosix, nioSSL, x509, asn1, crypto, logging]
    ),
    module("NameService", uses: ["DNS", "MeshModel"], products: [nioCore, nioPosix, lifecycle, logging]),
    module(
      "HealthChecks",
      uses: ["Registry", "MeshModel"],
      products: [nioCore, nioPosix, nioHTTP1, httpClient, grpc, grpcTransport, subprocess, systemPackage]
    ),
    module(
      "Membership",
      uses: ["Replication", "Kernel", "MeshModel"],
      products: [nioCore, nioPosix, subprocess, lifecycle, logging]
    ),
    module("AgentStore", uses: ["Replication", "Registry", "Kernel", "MeshModel"], products: [grdb]),
    module("Authority", uses: ["Replication", "MeshModel"], products: [x509, asn1, crypto]),
    module("MeshServices", uses: ["MeshAPI"], products: [grpc, grpcProtobuf, protobuf]),

    // Assemblies
    module(
      "ProxyPath",
      uses: [
        "AgentLink", "Discovery", "Reactor", "Kernel", "Explanations", "Tokens", "Policy", "Balancing", "HTTP1",
        "MeshModel", "Journal", "Telemetry", "MeshAPI", "Transcoding", "HTTP2", "TransportSecurity", "DNS",
      ],
      products: [protobuf]
    ),
    module("Interception", uses: ["Kernel", "MeshModel"]),
    module("MeshDocuments", uses: ["Registry", "Policy", "MeshModel"], products: [yams]),
    module("Journal", uses: ["Kernel", "MeshModel"], products: [logging]),

    // The agent's API: messages, and a client that proxies can afford
    module("AgentLink", uses: ["HTTP2", "MeshAPI", "Kernel", "MeshModel"], products: [protobuf]),
    .target(
      name: "MeshAPI",
      dependencies: [protobuf],
      exclude: ["Protos"],  // `scripts/generate` makes Generated of them
      swiftSettings: rules
    ),

    // Pure modules: values in, values out; no descriptor, thread or clock
    module("Policy", uses: ["HTTP1", "MeshModel", "CPCRE2"]),
    module("Explanations", uses: ["Tokens", "Policy", "HTTP1", "MeshModel"]),
    module("Tokens", uses: ["TransportSecurity", "Policy", "HTTP1", "MeshModel"]),
    module("Discovery", uses: ["MeshAPI", "Policy", "MeshModel"], products: [protobuf]),
    module("Telemetry", uses: ["MeshModel"]),
    module("Balancing"),
    module("DNS", uses: ["MeshModel"]),
    module("Registry", uses: ["MeshModel"]),
    module("Replication"),
    module("MeshModel"),
    module("HTTP1"),

    // TLS and signatures
    module("TransportSecurity", uses: ["MeshModel", "COpenSSL"]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // HTTP/2 framing
    module("Transcoding", uses: ["HTTP2", "HTTP1"]),
    module("HTTP2", uses: ["CNghttp2"]),
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),

    // The kernel
    module("Reactor", uses: ["Kernel"]),
    module("Kernel", uses: ["MeshModel", "CLinux", "CMnl"]),
    .target(name: "CLinux"),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

    // Tests mirror the modules; IntegrationTests drives the programs in network namespaces
    module("WeftTestKit", uses: ["MeshModel"]),
    tests("MeshModel", uses: ["WeftTestKit"]), tests("HTTP1", uses: ["WeftTestKit"]),
    tests("Policy", uses: ["HTTP1", "WeftTestKit"]),
    tests("MeshDocuments", uses: ["Registry", "WeftTestKit"], products: [yams]),
    tests("Telemetry"),
    tests("Balancing"), tests("Replication"),
    tests("TransportSecurity", uses: ["Authority", "COpenSSL", "MeshModel", "Replication", "WeftTestKit"]),
    tests("Tokens", uses: ["Policy", "HTTP1", "MeshModel", "WeftTestKit"]),
    tests("Explanations", uses: ["Tokens", "Policy", "MeshModel"]),
    tests("DNS", uses: ["MeshModel", "WeftTestKit"]), tests("Registry", uses: ["MeshModel", "WeftTestKit"]),
    tests("Transcoding", uses: ["HTTP2", "HTTP1"]),
    tests("HTTP2", uses: ["WeftTestKit"]),
    tests("AgentLink", uses: ["HTTP2", "MeshAPI", "Kernel", "WeftTestKit"], exclude: ["Programs"]),
    tests("Discovery", uses: ["Policy", "MeshAPI", "MeshModel", "WeftTestKit"], products: [protobuf]),
    tests("Authority", uses: ["TransportSecurity", "Replication", "MeshModel", "WeftTestKit"]),
    tests("AgentStore", uses: ["Replication", "Registry", "MeshModel", "WeftTestKit"], products: [grdb]),
    tests("Membership", uses: ["Replication", "MeshModel", "WeftTestKit"]),
    tests("NameService", uses: ["DNS", "MeshModel", "WeftTestKit"]),
    tests(
      "HealthChecks",
      uses: ["Registry", "MeshModel", "WeftTestKit"],
      products: [subprocess, systemPackage]
    ),
    tests(
      "PeerService",
      uses: ["Authority", "Replication", "MeshAPI", "MeshServices", "MeshModel", "WeftTestKit"],
      products: [grpc, nioPosix, logging]
    ),
    tests(
      "AgentCore",
      uses: [
        "AgentStore", "Authority", "DNS", "Discovery", "HealthChecks", "Kernel", "MeshAPI", "MeshDocuments",
        "MeshModel", "NameService", "PeerService", "Registry", "Replication", "WeftTestKit",
      ],
      products: [logging, nioPosix, grpc]
    ),
    tests("Journal", uses: ["WeftTestKit"]), tests("Kernel", uses: ["WeftTestKit"]),
    tests("Reactor", uses: ["WeftTestKit"]),
    tests(
      "ProxyPath",
      uses: ["Authority", "DNS", "Discovery", "HTTP1", "MeshAPI", "MeshModel", "TransportSecurity", "WeftTestKit"],
      products: [protobuf]
    ), tests("Interception"),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "WeftTestKit", "AgentStore", "Authority", "PeerService", "Replication", "Registry", "MeshAPI", "MeshDocuments",
        "MeshModel", "weft", "weft-proxy", "weft-capture", "weft-agent",
      ].map { .target(name: $0) } + [argumentParser],
      exclude: ["Programs"],  // run by tests, compiled by none
      swiftSettings: rules
    ),

    // The figures of docs/http2.md: built with all else, run by hand
    .executableTarget(
      name: "http2-measure",
      dependencies: ["HTTP2"],
      path: "Tests/HTTP2Measure",
      swiftSettings: rules
    ),
  ]
)
