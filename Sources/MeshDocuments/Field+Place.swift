internal import Yams

// From a place that a validation names to the value there.

extension Field {
  /// The value of a key of an object, if there is one.
  func child(_ name: String) -> Field? {
    guard let value = node.mapping?.first(where: { $0.key.scalar?.string == name })?.value else { return nil }
    return Field(node: value, path: path.isEmpty ? name : "\(path).\(name)", file: file, issues: issues)
  }

  /// The value at a place such as `checks[0].http.path`, or what there is of the way to it. Where a list has a short form
  /// for one entry, `checks[0]` is also `check`.
  func deepest(_ place: String) -> Field {
    var found = self
    for step in place.split(separator: ".") {
      let name = step.prefix { $0 != "[" }
      let index = Int(step.dropFirst(name.count).filter(\.isNumber))
      guard let next = found.child(String(name)) ?? shortForm(name).flatMap(found.child) else { return found }
      found = next
      if let index, let entry = next.entry(index) { found = entry }
    }
    return found
  }

  private func shortForm(_ list: Substring) -> String? {
    ["ports": "port", "addresses": "address", "checks": "check"][list]
  }

  private func entry(_ index: Int) -> Field? {
    guard let sequence = node.sequence, index < sequence.count else { return nil }
    return Field(node: sequence[index], path: "\(path)[\(index)]", file: file, issues: issues)
  }
}
