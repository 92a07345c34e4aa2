import ArgumentParser
import MeshDocuments
import MeshModel

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, yaml

  /// Prints `value` for programs, or `table` for people.
  func print(_ value: some Encodable, table: (Style) -> String) throws {
    switch self {
    case .table: Swift.print(table(.ofStandardOutput), terminator: "")
    case .json: Swift.print(String(decoding: try AdminJSON.encode(value, pretty: true), as: UTF8.self))
    case .yaml: Swift.print(try YAMLText.encode(value), terminator: "")
    }
  }
}

/// The option that chooses it, alike in every command that has it.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How to print: table, json or yaml.")
  var output: OutputFormat = .table
}
