internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel
internal import Replication

/// Identities: who may have which, the certificates of this host, and the authority where this host has its role: with the
/// root, or with an intermediate of its own from the one who has.
///
/// What changes the authority is on disk, keys first, before anything that came of it leaves the agent.
actor Trust {
  let store: AgentStore
  let domain: TrustDomain
  let log: Logger
  let keyring: AgentKeyring?
  /// With the root's key.
  var authority: AuthorityState?
  /// Without it.
  var delegate: DelegatedAuthority?
  /// Who has the role in the mesh; nil where nobody wrote it down yet.
  var roster: AuthorityRoster?
  /// The root's word on the roots, to be passed on.
  var statement: [UInt8]
  /// The last words of roots that left of late, where the authority is another host's.
  var toldHandovers: [Handover]
  var bundle: TrustBundle
  /// DER of the roots that left the bundle, where the authority is another host's.
  var formerRoots: [[UInt8]]
  var tokens: JoinTokens
  /// Registered workloads, by SPIFFE ID.
  var workloads: [String: [Selector]]
  /// What this host's workloads are given, by SPIFFE ID: of registered ones only.
  var held: [String: HeldIdentity] = [:]
  /// Asked of another host and not answered yet; who else needs one of these waits for the same answer.
  var asked: [String: Task<Identity, any Error>] = [:]
  /// What this host signs JWT-SVIDs by; nil where it is no authority, or has signed none yet.
  var jwtKeys: JWTSigningKeys?
  /// What hosts tell of their keys; those of authorities count.
  var jwtSets: [OwnerID: JWTKeySet] = [:]
  /// Tokens that another host signed.
  var heldJWTs: [JWTWish: HeldJWT] = [:]
  /// Grows with everything that may change what workloads are given.
  private(set) var generation: UInt64 = 0
  private var watchers: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
  private var watcherNumber: UInt64 = 0
  var random = SystemRandomNumberGenerator()
  /// Asks another host's authority to sign, where this host has none.
  var remote: (any RemoteAuthority)?
  /// Seconds since 1970.
  private let clock: @Sendable () -> Int64

  /// Workloads that one host may register: as many as instances of services.
  static let workloadLimit = 4_096
  /// Between two looks at what has to be renewed, in seconds: certificates live a day and are renewed at half.
  static let interval_s = 30

  init(
    _ memory: TrustMemory,
    store: AgentStore,
    keyring: AgentKeyring? = nil,
    log: Logger,
    clock: @escaping @Sendable () -> Int64 = { Clocks.wall_s }
  ) {
    self.clock = clock
    self.store = store
    self.keyring = keyring
    self.log = log
    domain = memory.bundle.trustDomain
    authority = memory.authority
    delegate = memory.delegate
    jwtKeys = memory.jwtKeys
    roster = memory.roster
    statement = memory.statement
    toldHandovers = memory.handovers
    bundle = memory.bundle
    formerRoots = memory.formerRoots
    tokens = memory.tokens
    workloads = memory.workloads
  }

  var now_s: Int64 { clock() }

  // MARK: Changes

  /// Tells whenever what workloads are given may have changed; the first at once.
  func changes() -> TrustChanges {
    watcherNumber += 1
    let number = watcherNumber
    // Who is slow needs only know that something changed.
    let (stream, continuation) = AsyncStream<UInt64>.makeStream(bufferingPolicy: .bufferingNewest(1))
    continuation.yield(generation)
    continuation.onTermination = { _ in Task { await self.forget(number) } }
    watchers[number] = continuation
    return TrustChanges(generations: stream) { continuation.finish() }
  }

  /// How many are told of changes.
  var watcherCount: Int { watchers.count }

  private func forget(_ number: UInt64) { watchers[number] = nil }

  func changed() {
    generation += 1
    for watcher in watchers.values { watcher.yield(generation) }
  }

  // MARK: Time

  /// Renews what is due until the task is cancelled.
  func keepTime() async {
    while !Task.isCancelled {
      await renew()
      try? await Task.sleep(for: .seconds(Self.interval_s))
    }
  }

  /// Does what is due.
  func renew() async {
    do {
      let now_s = now_s
      try change { state throws(AuthorityError) in try state.tick(now_s: now_s) }
    } catch {
      log.error("the authority could not be brought up to date", error: error)
    }
    do { try ownJWTKeys() } catch { log.error("keys of JWT-SVIDs could not be brought up to date", error: error) }
    if tokens.records.contains(where: { $0.expires_s + JoinTokens.remembered_s < now_s }) {
      tokens.purge(now_s: now_s)
      try? store.set(TrustMemory.Key.tokens, tokens.encoded)
    }
    await renewHeld()
  }

  /// Changes the authority, on disk first; nothing where this host is none, or nothing is to be changed.
  func change(_ body: (inout AuthorityState) throws(AuthorityError) -> [AuthorityChange]) throws {
    guard var state = authority else { return }
    let changes = try body(&state)
    guard !changes.isEmpty else { return }
    try TrustMemory.save(state, to: store)
    authority = state
    bundle = state.bundle
    for change in changes { log.notice("\(change.sentence)") }
    changed()
  }
}

extension AuthorityChange {
  /// For the journal.
  fileprivate var sentence: String {
    switch self {
    case .intermediateRenewed: "the authority signs with a new intermediate; certificates of the old one stay valid"
    case .rootPublished: "a new root is in the bundle and will sign once every host has it"
    case .rootWithdrawn: "a root that had not signed yet is withdrawn: it begins in the future, so a clock was wrong"
    case .signingMoved: "the new root signs"
    case .rootRetired: "an old root left the bundle: all that it signed has expired"
    case .rootForgotten: "a root is forgotten: nothing that it signed is believed any more"
    }
  }
}
