import Testing

@testable import Replication

/// Hosts, their disks and the network between them, in virtual time. A run depends on its seed alone.
struct SimulatedMesh {
  struct Host {
    var owner: OwnerID
    /// Nil while it is down.
    var replica: Replica?
    var disk = SimulatedDisk()
    var catalogue = Catalogue()
    /// How far the wall clock is off.
    var clockError_ms: Int64 = 0
    var tickAt_ms = UInt64.max
    /// Counts starts, so that what was meant for an earlier run does not reach the next.
    var run = 0
    /// Hosts of other sides cannot be reached.
    var side = 0
    var refusals: [Refusal] = []
    var nameConflicts: [String] = []
  }

  private enum Event {
    case deliver(Message, from: OwnerID, to: Int)
    case tick(Int, run: Int)
    case notice(Int, OwnerID, isUp: Bool)
  }

  var hosts: [Host] = []
  var network: SimulatedNetwork
  var traffic = Traffic()
  var random: Randomness
  private(set) var now_ms: UInt64 = 0
  private var skipped_ms: UInt64 = 0
  /// Whether hosts keep a disk and a catalogue; the largest runs do without.
  var keeps = true
  /// In a thousand calls that persist something: the host crashes right after that.
  var crashesAfterPersistPerMille: UInt64 = 0
  /// Called for all that hosts apply.
  var onApplied: ((Int, Change, _ now_ms: UInt64) -> Void)?
  /// What a message becomes on its way: what a hostile host does to it. Nil drops it.
  var tamper: ((Message, _ from: OwnerID, _ to: OwnerID) -> Message?)?
  /// All writes that were acknowledged.
  var ledger = Ledger()
  private var events = EventQueue<Event>()
  private var indexes: [OwnerID: Int] = [:]

  /// 2026-11-25, as far as anyone here can tell.
  static let wallStart_ms: UInt64 = 1_795_600_000_000

  init(hosts count: Int, seed: UInt64, network: SimulatedNetwork = SimulatedNetwork()) {
    random = Randomness(seed: seed)
    self.network = network
    for index in 0..<count { _ = add(.host(index)) }
    for index in 0..<count { start(index) }
  }

  /// Hosts that share `store` and know each other.
  init(sharing store: Store, hosts count: Int, seed: UInt64, network: SimulatedNetwork) {
    random = Randomness(seed: seed)
    self.network = network
    keeps = false
    var members = Members()
    for index in 0..<count { _ = members.add(.host(index)) }
    for index in 0..<count {
      let owner = OwnerID.host(index)
      _ = add(owner)
      hosts[index].replica = Replica(
        owner: owner,
        credential: SimulatedKeyring.credential(of: owner),
        keyring: SimulatedKeyring(owner: owner),
        seed: random.next(),
        store: store,
        documents: Documents(),
        members: members,
        now: moment(index)
      )
      scheduleTick(index)
    }
  }

  /// A new host that is down.
  mutating func add(_ owner: OwnerID) -> Int {
    indexes[owner] = hosts.count
    hosts.append(Host(owner: owner))
    return hosts.count - 1
  }

  func moment(_ index: Int) -> Moment {
    Moment(
      monotonic_ms: now_ms + skipped_ms,
      wall_ms: UInt64(Int64(Self.wallStart_ms + now_ms + skipped_ms) + hosts[index].clockError_ms)
    )
  }

  /// Starts a host from its disk. All who can see it hear of it after a while.
  mutating func start(_ index: Int) {
    let owner = hosts[index].owner
    let replica = Replica(
      owner: owner,
      credential: SimulatedKeyring.credential(of: owner),
      keyring: SimulatedKeyring(owner: owner),
      seed: random.next(),
      restoring: hosts[index].disk.stored,
      now: moment(index)
    )
    hosts[index].run += 1
    hosts[index].replica = replica
    hosts[index].catalogue = Catalogue()
    for change in replica.contents { hosts[index].catalogue.apply(change) }
    hosts[index].tickAt_ms = .max
    scheduleTick(index)
    noticeSides(of: index)
  }

  mutating func crash(_ index: Int, losingDisk: Bool = false) {
    hosts[index].replica = nil
    if losingDisk { hosts[index].disk = SimulatedDisk() }
    noticeSides(of: index)
  }

  /// Puts hosts on sides that cannot reach each other.
  mutating func partition(_ side: (Int) -> Int) {
    for index in hosts.indices { hosts[index].side = side(index) }
    for index in hosts.indices { noticeSides(of: index) }
  }

  /// Tells who can see whom, after the detection time, if it is still so then.
  private mutating func noticeSides(of index: Int) {
    for other in hosts.indices where other != index {
      let time_ms = now_ms + network.detection_ms / 2 + random.next() % network.detection_ms
      let isUp = reach(index, other)
      events.add(.notice(index, hosts[other].owner, isUp: isUp), at: time_ms)
      events.add(.notice(other, hosts[index].owner, isUp: isUp), at: time_ms)
    }
  }

  private func reach(_ one: Int, _ other: Int) -> Bool {
    hosts[one].side == hosts[other].side && hosts[one].replica != nil && hosts[other].replica != nil
  }

  /// Writes on a host; the ledger takes what is acknowledged.
  mutating func write(_ index: Int, _ writes: [Write]) throws {
    let moment = moment(index)
    guard let directives = try hosts[index].replica?.write(writes, now: moment) else { return }
    carryOut(directives, of: index, writing: writes)
  }

  /// Runs until `time_ms` of virtual time have passed, or until `isDone`.
  mutating func run(for time_ms: UInt64, until isDone: () -> Bool = { false }) {
    let end = now_ms + time_ms
    while let next = events.nextTime_ms, next <= end, !isDone() {
      now_ms = next
      if let event = events.next() { handle(event) }
    }
    if !isDone() { now_ms = end }
  }

  /// Lets time pass in which nothing is sent: clocks jump ahead, all of them.
  mutating func skip(_ time_ms: UInt64) { skipped_ms += time_ms }

  private mutating func handle(_ event: Event) {
    switch event {
    case .deliver(let message, let from, let index):
      guard let sender = indexes[from], hosts[sender].side == hosts[index].side else { return }
      let moment = moment(index)
      let directives =
        network.encodes
        ? hosts[index].replica?.receive(encoded: message.encoded(), from: from, now: moment)
        : hosts[index].replica?.receive(message, from: from, now: moment)
      carryOut(directives ?? [], of: index)
    case .tick(let index, let run):
      guard run == hosts[index].run else { return }
      hosts[index].tickAt_ms = .max
      let moment = moment(index)
      carryOut(hosts[index].replica?.tick(moment) ?? [], of: index)
    case .notice(let index, let owner, let isUp):
      guard let other = indexes[owner], reach(index, other) == isUp else { return }
      let moment = moment(index)
      let directives =
        isUp ? hosts[index].replica?.memberUp(owner) : hosts[index].replica?.memberDown(owner, now: moment)
      carryOut(directives ?? [], of: index)
    }
  }

  private mutating func carryOut(_ directives: [Directive], of index: Int, writing writes: [Write] = []) {
    for directive in directives {
      switch directive {
      case .persist(let batch):
        if keeps {
          hosts[index].disk.apply(batch)
          ledger.note(batch, by: hosts[index].owner)
        }
        if crashesAfterPersistPerMille > 0, random.next() % 1_000 < crashesAfterPersistPerMille {
          return crash(index)
        }
      case .acknowledged: ledger.add(writes, by: hosts[index].owner, of: hosts[index].replica)
      case .applied(let changes):
        for change in changes {
          if keeps { hosts[index].catalogue.apply(change) }
          onApplied?(index, change, now_ms)
        }
      case .send(let message, let peer): send(message, from: index, to: peer)
      case .refused(let refusal, _): hosts[index].refusals.append(refusal)
      case .nameConflict(let name, _): hosts[index].nameConflicts.append(name)
      }
    }
    scheduleTick(index)
  }

  /// Sends as any host could, a hostile one too.
  mutating func send(_ message: Message, from index: Int, to peer: OwnerID) {
    let from = hosts[index].owner
    var message = message
    if let tamper {
      guard let other = tamper(message, from, peer) else { return }
      message = other
    }
    traffic.add(message.encodedCount)
    let delays = network.delays(&random)
    if delays.isEmpty { traffic.lost += 1 }
    guard let to = indexes[peer], hosts[to].side == hosts[index].side else { return }
    for delay in delays { events.add(.deliver(message, from: from, to: to), at: now_ms + delay) }
  }

  private mutating func scheduleTick(_ index: Int) {
    guard let deadline = hosts[index].replica?.deadline_ms, deadline < hosts[index].tickAt_ms else { return }
    hosts[index].tickAt_ms = deadline
    events.add(.tick(index, run: hosts[index].run), at: max(deadline, now_ms + skipped_ms) - skipped_ms)
  }
}
