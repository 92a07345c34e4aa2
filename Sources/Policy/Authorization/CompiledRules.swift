internal import MeshModel

/// The rules of all policies that bear on a workload, flattened into arrays that a decision walks without allocating.
struct CompiledRules: Sendable {
  /// A run of entries of some array here.
  struct Slice: BitwiseCopyable {
    let first: UInt32
    let count: UInt32

    init(_ first: Int, to end: Int) {
      self.first = UInt32(first)
      self.count = UInt32(end - first)
    }

    @inline(__always) var indices: Range<Int> { Int(first)..<Int(first) + Int(count) }
    @inline(__always) var isEmpty: Bool { count == 0 }
  }

  /// A rule matches where a source (if any is named), an operation (if any is named) and every condition match.
  struct Rule: BitwiseCopyable {
    let policy: UInt16
    let rule: UInt16
    /// Whether it allows, and so must match only what is certain; DENY and AUDIT match what is possible.
    let isStrict: Bool
    /// Whether each of its checks could be compiled.
    let isJudgeable: Bool
    /// Runs of checks, in `groups`.
    let sources: Slice
    let operations: Slice
    /// In `checks`.
    let conditions: Slice
  }

  /// What is asked about, the cheap questions first: a group asks in this order.
  enum Subject: UInt8, BitwiseCopyable {
    case unjudgeable, port, method, source, remote, destination, path, host
    case serverName, namespace, principal, requestPrincipal, presenter, audience, header, claim
  }

  /// One list of a rule: it holds where any of `entries` matches or, negated, where none does.
  struct Check: BitwiseCopyable {
    let subject: Subject
    let isNegated: Bool
    /// For `.method`: a bit for each known method that matches.
    var methods: UInt16 = 0
    /// For `.header` its name in `names`, for `.claim` its path in `claims`.
    var name: UInt16 = 0
    /// In `ports`, `ranges` or `patterns`, by subject.
    let entries: Slice
  }

  var rules: [Rule] = []
  var groups: [Slice] = []
  var checks: [Check] = []
  var ports: [UInt16] = []
  var ranges: [AddressRanges.Range] = []
  /// `.requestPrincipal` has two for each entry: the issuer's and the subject's.
  var patterns: [TextPattern] = []
  /// The bytes of patterns and names.
  var store: [UInt8] = []
  /// Names of fields, in lower case, in `store`.
  var names: [Slice] = []
  var claims: [[String]] = []
}
