import Testing

/// Rules of the house that the compiler does not know.
@Suite struct HouseStyleTests {
  /// The modules a proxy is made of: its memory is paid once a pod.
  static let proxyModules = [
    "ProxyPath", "Kernel", "Reactor", "Journal", "Policy", "Tokens", "TransportSecurity", "Balancing", "HTTP1",
    "MeshModel",
    "Telemetry",
  ]
  /// Values in, values out.
  static let pureModules = ["Policy", "Tokens", "Balancing", "HTTP1", "MeshModel", "Telemetry"]
  /// Each C module, and the one module that imports it.
  static let importers = [
    "CLinux": "Kernel", "CMnl": "Kernel", "COpenSSL": "TransportSecurity", "CPCRE2": "Policy",
  ]

  /// One import, and who makes it.
  struct Import: Equatable {
    let file: String
    let module: String
    /// The module whose source `file` is.
    var importer: String { String(file.split(separator: "/")[1]) }
  }

  private static func imports() throws -> [Import] {
    try SourceTree.swiftFiles("Sources").flatMap { file in
      try SourceTree.text(file).split(separator: "\n").compactMap { line in
        imported(by: line).map { Import(file: file, module: $0) }
      }
    }
  }

  /// The module a line imports, whatever stands before it; nil for other lines.
  static func imported(by line: Substring) -> String? {
    let pattern =
      #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)/#
    return line.firstMatch(of: pattern).map { String($0.1) }
  }

  @Test("Imports are recognised in every spelling")
  func recognised() {
    for line in [
      "import Foundation", "public import Foundation", "@_exported import Foundation",
      "internal import struct Foundation.Data",
      "@preconcurrency public import Foundation.NSData", "@_spi(A) private import func Foundation.sqrt",
    ] { #expect(Self.imported(by: line[...]) == "Foundation", "\(line)") }
    for line in ["// import Foundation", "let importance = 1", "import_foundation()"] {
      #expect(Self.imported(by: line[...]) == nil, "\(line)")
    }
  }

  @Test("The proxy's modules import neither full Foundation nor NIO")
  func lean() throws {
    let imports = try Self.imports()
    #expect(
      Set(imports.map(\.importer)).isSuperset(of: Self.proxyModules.filter { $0 != "Balancing" }),
      "it imports nothing"
    )
    let heavy = imports.filter { Self.proxyModules.contains($0.importer) }
      .filter { $0.module.hasPrefix("Foundation") && $0.module != "FoundationEssentials" || $0.module.hasPrefix("NIO") }
    #expect(heavy == [])
  }

  @Test("Each C module has one importer")
  func oneImporter() throws {
    let imports = try Self.imports().filter { Self.importers[$0.module] != nil }
    #expect(Set(imports.map(\.module)) == Set(Self.importers.keys))
    #expect(imports.filter { $0.importer != Self.importers[$0.module] } == [])
  }

  @Test("Pure modules know neither descriptors nor loops")
  func pure() throws {
    let imports = try Self.imports().filter { Self.pureModules.contains($0.importer) }
    #expect(imports.isEmpty == false)
    #expect(imports.filter { ["Kernel", "Reactor", "Dispatch"].contains($0.module) } == [])
  }
}
