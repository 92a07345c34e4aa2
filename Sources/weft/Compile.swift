import ArgumentParser
import MeshDocuments
import MeshModel

/// `weft compile`: documents to a snapshot that proxies load.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the snapshot that weft-proxy --snapshot loads from the documents of the mesh.",
    discussion: """
      The file is replaced whole or not at all, and left alone where nothing changed. On bad documents \
      nothing is written and the exit code is 2.
      """
  )

  @OptionGroup var documents: DocumentOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The snapshot to write, or - for standard output.", valueName: "path")
  )
  var output: String

  func run() throws {
    let reading = documents.read()
    guard let snapshot = reading.snapshot else { throw ExitCode(CommandFailure.usage) }
    let bytes: [UInt8]
    do {
      bytes = try snapshot.encode()
    } catch {
      throw CommandFailure(CommandFailure.usage, error.description)
    }
    guard output != "-" else { return print(String(decoding: bytes, as: UTF8.self), terminator: "") }
    do {
      let didChange = try AtomicFile.replace(output, with: bytes)
      print("\(output): \(didChange ? "written" : "unchanged"), \(reading.summary), revision \(snapshot.revision)")
    } catch {
      throw CommandFailure(CommandFailure.failed, "cannot write \(output): \(error)")
    }
  }
}
