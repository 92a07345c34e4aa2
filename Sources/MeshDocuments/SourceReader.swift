/// Reads the documents of sources one by one.
enum SourceReader {
  /// Calls `take` with each document that is right by itself. One that is wrong, or the second of its name, is left
  /// out, with an error. `forMesh`: what it says must hold on every host.
  static func read(
    _ sources: [DocumentSource],
    _ issues: IssueList,
    forMesh: Bool = false,
    _ take: (Field, ReadDocument) -> Void
  ) {
    var places: [DocumentKey: String] = [:]
    for source in sources {
      let roots = YAMLStream.documents(source, issues)
      if roots.isEmpty, !issues.hasErrors { issues.warning(source.name, "holds no document") }
      for root in roots {
        for (document, kind) in DocumentKind.unrolled(Field(node: root, path: "", file: source.name, issues: issues)) {
          if forMesh, kind.namesFiles(document) { continue }
          guard let read = kind.read(document) else { continue }
          if let first = places[read.key] {
            issues.add(
              read.issue(.error, read.nameSpot, "\(kind.noun) \(read.key.fullName) is already given \(first)")
            )
            continue
          }
          places[read.key] = read.given(read.nameSpot)
          take(document, read)
        }
      }
    }
  }
}
