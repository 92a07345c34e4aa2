internal import Glibc
internal import HTTP1

/// All matches of all routes that apply to the workload, each group in the order of precedence: a walk takes the first
/// that holds.
///
/// Everything lies in flat arrays and texts in one array of bytes, so that a walk neither allocates nor counts references.
struct MatchList: Sendable {
  /// One `HTTPRoute.Match`.
  struct Match: BitwiseCopyable {
    enum Path: UInt8 {
      case any, exact, prefix, regex
      /// A call of any method of a service: `/service/`, then one segment.
      case service
      /// A call of a method of any service: one segment, then `/method`.
      case callMethod
    }

    let path: Path
    /// A `Method`'s number, or `anyMethod`.
    let method: UInt8
    let conditionCount: UInt16
    let firstCondition: UInt32
    /// The bytes of the path; of a pattern its index as `start`.
    let pathBytes: MatchCondition.Slice
    /// Index of `RequestTable.rules`.
    let rule: UInt32
  }

  /// The matches of routes for one host name.
  struct Group: BitwiseCopyable {
    enum Host: UInt8 { case any, exact, wildcard }

    let host: Host
    /// Its matches are for calls of gRPC alone.
    let isGRPC: Bool
    /// Lower case; of a wildcard what follows the `*`, with its dot.
    let hostBytes: MatchCondition.Slice
    /// A range of `order`.
    let first: UInt32
    let count: UInt32
  }

  static let anyMethod = UInt8.max

  var bytes: [UInt8] = []
  var patterns: [PathPattern] = []
  var conditions: [MatchCondition] = []
  var matches: [Match] = []
  /// Indices of `matches`. A route of several host names is in several groups.
  var order: [UInt32] = []
  var groups: [Group] = []

  /// The rule that takes a request: of the groups in `range` for the request's host, the most specific first, the first
  /// match that holds. `path` is what is forwarded.
  @inline(__always)
  func first(
    _ range: Range<UInt32>,
    _ head: borrowing RequestHead,
    path: UnsafeRawBufferPointer,
    _ scratch: PatternScratch
  ) -> Int? {
    bytes.withUnsafeBytes { bytes in
      for index in range {
        let group = groups[Int(index)]
        if group.isGRPC, !head.isGRPC { continue }
        if group.host != .any, !Self.isHost(head[head.host], group, bytes) { continue }
        for place in group.first..<group.first &+ group.count {
          let match = matches[Int(order[Int(place)])]
          guard match.method == Self.anyMethod || match.method == head.method.rawValue else { continue }
          guard isPath(path, match, bytes, scratch) else { continue }
          let first = Int(match.firstCondition)
          guard match.conditionCount == 0 || holds(first..<first &+ Int(match.conditionCount), head, bytes, scratch)
          else { continue }
          return Int(match.rule)
        }
      }
      return nil
    }
  }

  /// Paths are compared as they are forwarded, byte for byte: what is decoded or normalised for the comparison alone would
  /// let a request be routed as one thing and served as another.
  @inline(__always)
  private func isPath(
    _ path: UnsafeRawBufferPointer,
    _ match: Match,
    _ bytes: UnsafeRawBufferPointer,
    _ scratch: PatternScratch
  ) -> Bool {
    switch match.path {
    case .any: return true
    case .exact: return Self.isEqual(path, match.pathBytes.of(bytes))
    case .prefix:
      // Whole segments: behind the prefix, which has no slash at its end, is the end or a slash.
      let prefix = match.pathBytes.of(bytes)
      guard path.count >= prefix.count, let start = path.baseAddress, let wanted = prefix.baseAddress else {
        return false
      }
      guard path.count == prefix.count || path[prefix.count] == UInt8(ascii: "/") else { return false }
      return memcmp(start, wanted, prefix.count) == 0
    case .regex: return patterns[Int(match.pathBytes.start)].match(path, scratch) == .matches
    case .service:
      let wanted = match.pathBytes.of(bytes)
      guard path.count > wanted.count, let start = path.baseAddress, let prefix = wanted.baseAddress else {
        return false
      }
      return memcmp(start, prefix, wanted.count) == 0 && !path[wanted.count...].contains(UInt8(ascii: "/"))
    case .callMethod:
      let wanted = match.pathBytes.of(bytes)
      // A slash, a service of a byte at least, and what is wanted.
      guard path.count > wanted.count + 1, path[0] == UInt8(ascii: "/") else { return false }
      let rest = path.count - wanted.count
      return Self.isEqual(UnsafeRawBufferPointer(rebasing: path[rest...]), wanted)
        && !path[1..<rest].contains(UInt8(ascii: "/"))
    }
  }

  /// Whether a host, in any case and perhaps with a dot at its end, is the group's.
  private static func isHost(_ host: UnsafeRawBufferPointer, _ group: Group, _ bytes: UnsafeRawBufferPointer) -> Bool {
    let name =
      host.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: host.dropLast()) : host
    let wanted = group.hostBytes.of(bytes)
    switch group.host {
    case .any: return true
    case .exact: return CaseFolding.isEqual(name, wanted)
    case .wildcard:
      guard name.count > wanted.count else { return false }
      return CaseFolding.isEqual(UnsafeRawBufferPointer(rebasing: name.suffix(wanted.count)), wanted)
    }
  }
}
