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
func tests(_ name: String, uses: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: ([name] + uses).map { .target(name: $0) },
    swiftSettings: rules
  )
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "weft",
  products: [
    .executable(name: "weft", targets: ["weft"]),
    .executable(name: "weft-proxy", targets: ["weft-proxy"]),
    .executable(name: "weft-capture", targets: ["weft-capture"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Executables
    program("weft", uses: ["MeshDocuments", "Explanations", "Policy", "MeshModel", "Kernel"]),
    program("weft-proxy", uses: ["ProxyPath"]),
    program("weft-capture", uses: ["Interception"]),

    // Assemblies
    module(
      "ProxyPath",
      uses: [
        "Reactor", "Kernel", "Explanations", "Tokens", "Policy", "Balancing", "HTTP1", "MeshModel", "Journal",
        "Telemetry",
      ]
    ),
    module("Interception", uses: ["Kernel", "MeshModel"]),
    module("MeshDocuments", uses: ["Registry", "Policy", "MeshModel"], products: [yams]),
    module("Journal", uses: ["Kernel", "MeshModel"], products: [logging]),

    // Pure modules: values in, values out; no descriptor, thread or clock
    module("Policy", uses: ["HTTP1", "MeshModel", "CPCRE2"]),
    module("Explanations", uses: ["Tokens", "Policy", "HTTP1", "MeshModel"]),
    module("Tokens", uses: ["TransportSecurity", "Policy", "HTTP1", "MeshModel"]),
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

    // The kernel
    module("Reactor", uses: ["Kernel"]),
    module("Kernel", uses: ["MeshModel", "CLinux", "CMnl"]),
    .target(name: "CLinux"),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

    // Tests mirror the modules; IntegrationTests drives the programs in network namespaces
    module("WeftTestKit", uses: ["MeshModel"]),
    tests("MeshModel", uses: ["WeftTestKit"]), tests("HTTP1", uses: ["WeftTestKit"]),
    tests("Policy", uses: ["HTTP1", "WeftTestKit"]), tests("MeshDocuments", uses: ["Registry", "WeftTestKit"]),
    tests("Telemetry"),
    tests("Balancing"), tests("Replication"), tests("TransportSecurity", uses: ["MeshModel"]),
    tests("Tokens", uses: ["Policy", "HTTP1", "MeshModel", "WeftTestKit"]),
    tests("Explanations", uses: ["Tokens", "Policy", "MeshModel"]),
    tests("DNS", uses: ["MeshModel", "WeftTestKit"]), tests("Registry", uses: ["MeshModel", "WeftTestKit"]),
    tests("Journal", uses: ["WeftTestKit"]), tests("Kernel", uses: ["WeftTestKit"]),
    tests("Reactor", uses: ["WeftTestKit"]),
    tests("ProxyPath", uses: ["HTTP1", "WeftTestKit"]), tests("Interception"),
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["WeftTestKit", "MeshModel", "weft", "weft-proxy", "weft-capture"].map { .target(name: $0) },
      exclude: ["Programs"],  // run by tests, compiled by none
      swiftSettings: rules
    ),
  ]
)
