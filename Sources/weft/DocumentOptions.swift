import ArgumentParser
import MeshDocuments
import MeshModel

/// Which documents a command reads.
struct DocumentOptions: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp(
      "A file, a directory (every *.yaml, *.yml and *.json below it), or - for standard input; repeatable.",
      valueName: "path"
    )
  )
  var files: [String] = []

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("name the documents with -f PATH") }
  }

  /// The files themselves, for the agent to read.
  func sources() throws -> [DocumentSource] { try Self.sources(files) }

  /// What is at these paths. What cannot be read is told on standard error.
  static func sources(_ paths: [String]) throws -> [DocumentSource] {
    let files = DocumentFileReading(paths: paths)
    for issue in files.issues { StandardError.write(issue.description) }
    guard files.issues.isEmpty else { throw CommandFailure(CommandFailure.usage) }
    return files.sources
  }

  /// Reads them and prints every issue on standard error, a line each.
  func read() -> DocumentReading {
    let reading = PolicyDocuments.read(paths: files)
    for issue in reading.issues { StandardError.write(issue.description) }
    if reading.leftOut > 0 { StandardError.write("weft: and \(reading.leftOut) more; mend these first") }
    return reading
  }
}

extension DocumentReading {
  /// `2 services, 5 endpoints, 1 route, 3 policies in 2 files`: each kind of which there are any.
  var summary: String {
    let snapshot = snapshot ?? .empty
    let mesh = snapshot.mesh
    let endpoints = mesh.services.reduce(0) { $0 + $1.ports.reduce(0) { $0 + $1.endpoints.count } }
    let counts = [
      (mesh.services.count, "service", "services"),
      (endpoints, "endpoint", "endpoints"),
      (mesh.routes.count, "route", "routes"),
      (snapshot.policies.count, "policy", "policies"),
      (mesh.authorizations.count, "authorization policy", "authorization policies"),
      (mesh.authentications.count, "request authentication", "request authentications"),
      (mesh.peerAuthentications.count, "peer authentication", "peer authentications"),
      (mesh.traffic.count, "traffic policy", "traffic policies"),
      (mesh.telemetry.count, "telemetry", "telemetries"),
      (mesh.sidecars.count, "sidecar", "sidecars"),
    ]
    let given = counts.filter { $0.0 > 0 }.map { Amounts.count($0.0, $0.1, $0.2) }
    let what = given.isEmpty ? "no document" : given.joined(separator: ", ")
    return "\(what) in \(Amounts.count(files, "file", "files"))"
  }
}
