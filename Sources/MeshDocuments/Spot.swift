internal import Yams

/// Where in its document a value stands; which file that is, `ReadDocument` knows.
struct Spot: Hashable, Sendable {
  /// Counted from 1.
  let line: Int
  /// Counted from 1, in Unicode scalars.
  let column: Int
  /// The path of the field, such as `spec.ports[0]`.
  let field: String
}

extension Field {
  /// Where the value stands, to be kept when its document is gone.
  var spot: Spot { Spot(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0, field: path) }
}
