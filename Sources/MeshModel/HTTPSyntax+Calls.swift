extension HTTPSyntax {
  /// The full name of a gRPC service (Gateway API GRPCMethodMatch `service`): names of a protocol buffer's packages and its
  /// own, joined by dots.
  public static func serviceProblem(_ text: String) -> String? {
    let names = (text.hasPrefix(".") ? text.dropFirst() : text[...]).split(
      separator: ".",
      omittingEmptySubsequences: false
    )
    return callProblem(text) ?? (names.allSatisfy(isIdentifier) ? nil : "is not a service's name such as shop.v1.Cart")
  }

  /// The name of a gRPC method (GRPCMethodMatch `method`).
  public static func callMethodProblem(_ text: String) -> String? {
    callProblem(text) ?? (isIdentifier(text[...]) ? nil : "is not a method's name such as AddItem")
  }

  /// What neither of the two may be.
  static func callProblem(_ text: String) -> String? {
    if text.isEmpty { return "is empty; leave it out for any" }
    if let problem = lengthProblem(text, SnapshotLimits.maxPathBytes) { return problem }
    return text.unicodeScalars.allSatisfy { isLetter($0) || isDigit($0) || $0 == "." }
      ? nil : "holds a character other than letters, digits, _ and ."
  }

  private static func isIdentifier(_ text: Substring) -> Bool {
    guard let first = text.unicodeScalars.first, isLetter(first) else { return false }
    return text.unicodeScalars.allSatisfy { isLetter($0) || isDigit($0) }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
