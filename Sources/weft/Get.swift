import ArgumentParser
import Glibc
import MeshAPI
import MeshDocuments

/// `weft get`: the documents of the mesh.
struct Get: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows documents of the mesh, who wrote them, and what concurrent writes lost to them.",
    discussion: """
      Kinds in any case, singular, plural or short (svc, netpol, authz), or all. Examples: weft get services; \
      weft get authz allow-web -o yaml; weft get httproute/web.
      """
  )

  @OptionGroup var agent: AgentOptions
  @OptionGroup var namespaces: NamespacesOptions
  @OptionGroup var format: OutputOptions

  @Argument(help: ArgumentHelp("A kind, perhaps with names, or KIND/NAME.", valueName: "kind [name]"))
  var words: [String] = []

  func validate() throws {
    let targets = try DocumentTarget.targets(words)
    if namespaces.allNamespaces, targets.contains(where: { $0.name != nil }) {
      throw ValidationError("a name is for one namespace; leave out -A")
    }
  }

  func run() throws {
    let targets = try DocumentTarget.targets(words)
    var documents: [Weft_Agent_V1_GetReply.Document] = []
    var missing: [String] = []
    for target in targets {
      let found = try get(target)
      documents += found
      guard found.isEmpty else { continue }
      if let name = target.name { missing.append("\(target.kind) \(namespaces.one.namespace)/\(name) is not there") }
      if !target.isKnown { missing.append("\"\(target.kind)\" is no kind; \(KindNames.suggestion(for: target.kind))") }
    }
    let list = DocumentList(documents, now_ms: UInt64(time(nil)) * 1000)
    if documents.isEmpty, missing.isEmpty, format.output == .table {
      StandardError.write("weft: no document in \(namespaces.described)")
    } else if !documents.isEmpty || missing.isEmpty {
      print(try text(list, isSingle: targets.count == 1 && targets[0].name != nil), terminator: "")
    }
    guard missing.isEmpty else {
      for line in missing { StandardError.write("weft: \(line)") }
      throw ExitCode(targets.allSatisfy(\.isKnown) ? CommandFailure.failed : CommandFailure.usage)
    }
  }

  private func get(_ target: DocumentTarget) throws -> [Weft_Agent_V1_GetReply.Document] {
    var request = Weft_Agent_V1_GetRequest()
    request.kind = target.kind
    request.namespace = namespaces.filter
    request.name = target.name ?? ""
    return try agent.calls.call("Get", request, as: Weft_Agent_V1_GetReply.self).documents
  }

  private func text(_ list: DocumentList, isSingle: Bool) throws -> String {
    switch format.output {
    case .table: return list.table(.ofStandardOutput, showsNamespace: namespaces.allNamespaces)
    case .yaml: return try list.yaml()
    case .json:
      for line in list.conflictLines { StandardError.write("weft: \(line)") }
      return list.json(isSingle: isSingle)
    }
  }
}
