/// The value of a `grpc-timeout` field: at most eight digits and a unit (grpc/doc/PROTOCOL-HTTP2.md).
enum GRPCTimeout {
  private static let mostDigits: UInt64 = 99_999_999

  /// `timeout_ms` in the finest unit that holds it, rounded up: a call must not end sooner than it was asked to.
  static func text(timeout_ms: UInt64) -> String {
    let units: [(UInt64, String)] = [(1, "m"), (1000, "S"), (60_000, "M"), (3_600_000, "H")]
    for (size, name) in units {
      let count = timeout_ms / size + (timeout_ms % size == 0 ? 0 : 1)
      if count <= mostDigits { return "\(count)\(name)" }
    }
    return "\(mostDigits)H"
  }
}
