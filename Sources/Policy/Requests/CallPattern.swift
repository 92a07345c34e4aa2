internal import MeshModel

/// Calls of gRPC as paths (gRPC over HTTP/2, "Requests"): `/service/method`, both without a slash.
public enum CallPattern {
  /// The regular expression of a whole path whose service and method match these; nil is any.
  ///
  /// What people write is about one of the two, so that nothing in it may reach over the slash between them: the path is seen to
  /// have two parts first.
  static func path(service: String?, method: String?) -> String {
    "/(?=[^/]+/[^/]+$)(?:\(service ?? "[^/]+"))/(?:\(method ?? "[^/]+"))"
  }

  /// Why a match by regular expressions can never hold, as a clause; nil where it can.
  public static func problem(service: String?, method: String?) -> String? {
    // Each by itself first: two wrong ones could make a right one together, such as `a)(` and `b`.
    [service, method].compactMap { $0 }.compactMap { PathPattern.problem($0) }.first
      ?? PathPattern.problem(path(service: service, method: method))
  }

  /// Service and method of a path; nil where it is no call's.
  static func parts(_ path: String) -> (service: Substring, method: Substring)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else { return nil }
    return (parts[1], parts[2])
  }
}
