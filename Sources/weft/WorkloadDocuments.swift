import ArgumentParser
import Explanations
import Glibc
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
  func explain(_ direction: Direction, from: IPAddress?, as identity: SPIFFEID?, to: SocketAddress) throws
    -> Explanation
  {
    guard direction == .inbound else {
      return PolicyTable(try snapshot(), for: try workload)
        .explain(direction, peer: to.ip, port: to.port, transport: .tcp)
    }
    let now_s = Int64(time(nil))
    return try judge().explain(inboundFrom: from ?? to.ip, port: to.port, as: identity, now_s: now_s)
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
