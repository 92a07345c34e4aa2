internal import MeshModel
internal import Policy

/// All that one snapshot says of requests, compiled for this workload. Immutable and shared by the workers.
final class RequestRules: Sendable {
  /// Counts the snapshots that numbered things anew; records refer to it. Those in which only endpoints changed have the
  /// number of the one before.
  let version: UInt32
  let table: RequestTable
  let authorization: AuthorizationTable
  /// Who that connects must show an identity.
  let peerRules: PeerRules
  /// Nil where no document speaks of tokens.
  let tokens: TokenRules?
  /// What each of `table.rateLimits` is counted under: the number it had before, where a limit of its name was in force.
  /// Endpoints come and go all day, each time with a new snapshot, and nobody is to get a new allowance by that.
  let limitNumbers: [UInt32]
  private let nextLimitNumber: UInt32
  /// Who is an endpoint though its service is left out, where an agent says so.
  let peers: [IPAddress: PeerStanding]
  /// From when on an identity is asked for where no document says so, in seconds since 1970.
  let asksFrom_s: Int64

  /// What turns the numbers in records into words.
  var names: RequestTables { RequestTables(table: table, authorization: authorization, peerRules: peerRules) }

  /// Compiles all that `mesh` says for `workload`; `older` are the rules that these take the place of.
  ///
  /// Documents that did not change are not compiled again: what was learned under them, such as which tokens are right,
  /// holds on.
  init(
    _ mesh: MeshConfiguration,
    for workload: Workload,
    version: UInt32,
    peers: [IPAddress: PeerStanding] = [:],
    asksFrom_s: Int64 = 0,
    after older: RequestRules? = nil
  ) {
    self.version = version
    self.peers = peers
    self.asksFrom_s = asksFrom_s
    table = RequestTable(mesh, for: workload, peers: peers)
    let like = older.flatMap { $0.table.workload == workload ? $0 : nil }
    if let like, like.table.mesh.authorizations == mesh.authorizations {
      authorization = like.authorization
    } else {
      authorization = AuthorizationTable(mesh.authorizations, for: workload)
    }
    if let like, like.table.mesh.peerAuthentications == mesh.peerAuthentications {
      peerRules = like.peerRules
    } else {
      peerRules = PeerRules(mesh.peerAuthentications, for: workload)
    }
    if let like, like.table.mesh.authentications == mesh.authentications {
      tokens = like.tokens
    } else {
      tokens = TokenRules(mesh.authentications, for: workload)
    }
    let known = older.map { zip($0.table.rateLimits.map(\.label), $0.limitNumbers) }
    let numbers = Dictionary(known.map(Array.init) ?? []) { first, _ in first }
    var next = older?.nextLimitNumber ?? 0
    limitNumbers = table.rateLimits.map { limit in
      if let number = numbers[limit.label] { return number }
      defer { next &+= 1 }
      return next
    }
    nextLimitNumber = next
  }

  /// What `older` says with the endpoints of `mesh`, which differs in nothing else, and other peers.
  init(
    _ older: RequestRules,
    endpointsOf mesh: MeshConfiguration,
    peers: [IPAddress: PeerStanding],
    asksFrom_s: Int64 = 0
  ) {
    version = older.version
    self.peers = peers
    self.asksFrom_s = asksFrom_s
    table = RequestTable(older.table, endpointsOf: mesh, peers: peers)
    authorization = older.authorization
    peerRules = older.peerRules
    tokens = older.tokens
    limitNumbers = older.limitNumbers
    nextLimitNumber = older.nextLimitNumber
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

  /// Puts rules into force that number all things as those in force do: requests under way go on with these.
  mutating func replace(_ rules: RequestRules) {
    places[Int(current)].rules = rules
    inForce = Unmanaged.passUnretained(rules)
  }

  /// A request begins to use the rules in force; it gives them back by the result.
  mutating func borrow() -> UInt16 {
    places[Int(current)].users += 1
    return current
  }

  /// A request is done with what it borrowed; the last one lets older rules go.
  mutating func giveBack(_ index: UInt16) {
    places[Int(index)].users -= 1
    if index != current, places[Int(index)].users == 0 { places[Int(index)].rules = nil }
  }

  /// The rules that a request borrowed.
  func rules(_ index: UInt16) -> RequestRules? { places[Int(index)].rules }
}
