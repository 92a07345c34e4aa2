internal import MeshModel
public import Registry

/// What came of reading service files.
public struct RegistrationReading: Sendable {
  /// The registrations of all files, in their order; empty where there is an error.
  public let registrations: [Registration]
  /// Errors and warnings in the order of files and lines, up to a bound.
  public let issues: [DocumentIssue]
  /// Issues beyond that bound.
  public let leftOut: Int
}

/// Service files, by which programs of a host are registered: one document each, in a form that a person writes by heart.
public enum RegistrationDocuments {
  /// Reads the documents of `sources`. Nothing is taken unless all of it is right.
  public static func read(_ sources: [DocumentSource]) -> RegistrationReading { read(sources, IssueList()) }

  /// Reads the documents of files and directories, as `PolicyDocuments` does; `-` is standard input.
  public static func read(paths: [String]) -> RegistrationReading {
    let issues = IssueList()
    var files = DocumentFiles(issues)
    for path in paths { files.add(path) }
    return read(files.sources, issues)
  }

  private static func read(_ sources: [DocumentSource], _ issues: IssueList) -> RegistrationReading {
    var registrations: [Registration] = []
    var places: [Registration.Key: String] = [:]
    for source in sources {
      let roots = YAMLStream.documents(source, issues)
      if roots.isEmpty, !issues.hasErrors { issues.warning(source.name, "holds no document") }
      for root in roots {
        let document = Field(node: root, path: "", file: source.name, issues: issues)
        guard let registration = RegistrationReader.read(document) else { continue }
        if let first = places.updateValue(document.place, forKey: registration.key) {
          document.child("name")?.error("\(registration.key) is already given at \(first)")
        }
        guard registrations.count < RegistryLimit.registrations else {
          document.error("is one more than the \(RegistryLimit.registrations) registrations that a host may have")
          break
        }
        registrations.append(registration)
      }
    }
    return RegistrationReading(
      registrations: issues.hasErrors ? [] : registrations,
      issues: issues.inOrder(of: sources.map(\.name)),
      leftOut: issues.leftOut
    )
  }
}
