internal import MeshModel
internal import Policy

/// All that one snapshot says of requests, compiled for this workload. Immutable and shared by the workers.
final class RequestRules: Sendable {
  /// Counts the snapshots taken into use; records refer to it.
  let version: UInt32
  let table: RequestTable
  let authorization: AuthorizationTable
  /// Nil where no document speaks of tokens.
  let tokens: TokenRules?

  /// What turns the numbers in records into words.
  var names: RequestTables { RequestTables(table: table, authorization: authorization) }

  /// Compiles all that `mesh` says for `workload`.
  init(_ mesh: MeshConfiguration, for workload: Workload, version: UInt32) {
    self.version = version
    table = RequestTable(mesh, for: workload)
    authorization = AuthorizationTable(mesh.authorizations, for: workload)
    tokens = TokenRules(mesh.authentications, for: workload)
  }
}

/// The rules in force, and older ones that requests under way were judged by. Counted without atomics: a shelf belongs
/// to one worker, and the path borrows rules instead of retaining them.
struct RulesShelf: ~Copyable {
  private struct Place {
    var rules: RequestRules?
    var users: Int
  }

  private var places: [Place] = []
  private(set) var current: UInt16 = 0
  /// The rules in force, borrowed from the shelf.
  private(set) var inForce: Unmanaged<RequestRules>?

  init() {}

  /// Puts new rules into force; the old ones stay as long as they are used.
  mutating func adopt(_ rules: RequestRules) {
    if !places.isEmpty, places[Int(current)].users == 0 { places[Int(current)].rules = nil }
    let free = places.firstIndex { $0.rules == nil }
    if free == nil { places.append(Place(rules: nil, users: 0)) }
    let index = free ?? places.count - 1
    places[index].rules = rules
    current = UInt16(truncatingIfNeeded: index)
    inForce = Unmanaged.passUnretained(rules)
  }

  /// A request begins to use the rules in force; it gives them back by the result.
  mutating func borrow() -> UInt16 {
    places[Int(current)].users += 1
    return current
  }

  mutating func giveBack(_ index: UInt16) {
    places[Int(index)].users -= 1
    if index != current, places[Int(index)].users == 0 { places[Int(index)].rules = nil }
  }

  /// The rules that a request borrowed.
  func rules(_ index: UInt16) -> RequestRules? { places[Int(index)].rules }
}
