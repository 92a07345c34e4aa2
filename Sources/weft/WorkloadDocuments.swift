import ArgumentParser
import Explanations
import MeshDocuments
import MeshModel
import Policy

/// Documents and a workload to try them on, without any proxy.
struct WorkloadDocuments: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("Ask these documents instead of a proxy: a file or directory; repeatable.", valueName: "path")
  )
  var files: [String] = []

  @Option(help: ArgumentHelp("The workload's namespace, with -f.", valueName: "name"))
  var namespace = Workload.defaultNamespace

  @Option(help: ArgumentHelp("The workload's labels, with -f.", valueName: "key=value,..."))
  var labels = ""

  func validate() throws {
    do throws(WorkloadError) {
      _ = try Workload(namespace: namespace, labelText: labels)
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// What the documents would decide of a connection.
  func explain(_ direction: Direction, from: IPAddress?, to: SocketAddress) throws -> Explanation {
    let table = PolicyTable(try snapshot(), for: try workload)
    let peer = direction == .inbound ? from ?? to.ip : to.ip
    return table.explain(direction, peer: peer, port: to.port, transport: .tcp)
  }

  /// Who can tell what the documents would decide of a request.
  func judge() throws -> RequestJudge { RequestJudge(try snapshot(), for: try workload) }

  private var workload: Workload {
    get throws { try Workload(namespace: namespace, labelText: labels) }
  }

  private func snapshot() throws -> Snapshot {
    let reading = PolicyDocuments.read(paths: files)
    for issue in reading.errors { StandardError.write(issue.description) }
    guard let snapshot = reading.snapshot else { throw ExitCode(CommandFailure.usage) }
    return snapshot
  }
}
