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

  /// Reads them and prints every issue on standard error, a line each.
  func read() -> DocumentReading {
    let reading = PolicyDocuments.read(paths: files)
    for issue in reading.issues { StandardError.write(issue.description) }
    if reading.leftOut > 0 { StandardError.write("weft: and \(reading.leftOut) more; mend these first") }
    return reading
  }
}

extension DocumentReading {
  /// `3 policies in 2 files`.
  var summary: String {
    let policies = Amounts.count(snapshot?.policies.count ?? 0, "policy", "policies")
    return "\(policies) in \(Amounts.count(files, "file", "files"))"
  }
}
