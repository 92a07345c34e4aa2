internal import AgentStore
internal import Authority
internal import MeshModel

/// What trust starts from.
struct TrustMemory: Sendable {
  let authority: AuthorityState?
  let bundle: TrustBundle
  /// DER of the roots that left the bundle.
  let formerRoots: [[UInt8]]
  let tokens: JoinTokens
  let workloads: [String: [Selector]]
  /// Who has the authority's role; nil where nobody wrote it down yet.
  var roster: AuthorityRoster?
  /// What this host signs by, where it has the role without the root.
  var delegate: DelegatedAuthority?
  /// What this host signs JWT-SVIDs by, where it has the role.
  var jwtKeys: JWTSigningKeys?
  /// The roots as one of them signed them (`TrustStatement`), to be passed on; empty where this host makes its own.
  var statement: [UInt8] = []
  /// The last words of roots that left of late, as another host told them.
  var handovers: [Handover] = []

  /// DER of all roots that the mesh has and had.
  var roots: [[UInt8]] { bundle.roots + formerRoots }

  /// Names of settings and key files.
  enum Key {
    static let authority = "authority", bundle = "bundle", formerRoots = "former-roots", tokens = "tokens"
    static let roster = "roster", delegate = "delegate", statement = "statement", handovers = "handovers"
    static let authorityKeys = "authority.key", hostKey = "host.key", delegateKeys = "delegate.key"
    static let jwtKeys = "jwt.key"
  }

  /// What the store has; nil where it has no trust yet.
  static func load(_ store: AgentStore) throws -> TrustMemory? {
    guard let stored = try store.setting(Key.bundle) else { return nil }
    let authority = try store.setting(Key.authority).map { state in
      let keys = try store.keys.read(Key.authorityKeys).map(SecretBytes.init)
      guard let keys else { throw AuthorityError.missingKey(of: "the authority (\(Key.authorityKeys))") }
      return try AuthorityState(decoding: state, keys: AuthorityKeys(decoding: keys))
    }
    let bundle = try authority?.bundle ?? TrustBundle(decoding: stored)
    let former = try authority?.formerRoots ?? RootList.decode(store.setting(Key.formerRoots) ?? [])
    var workloads: [String: [Selector]] = [:]
    for (id, selectors) in try store.workloads().selectors {
      workloads[id] = try selectors.map { text throws(MeshRefusal) in try Selector(text) }
    }
    return TrustMemory(
      authority: authority,
      bundle: bundle,
      formerRoots: former,
      tokens: try store.setting(Key.tokens).map { try JoinTokens(decoding: $0) } ?? JoinTokens(),
      workloads: workloads,
      roster: try store.setting(Key.roster).map { try AuthorityRoster(decoding: $0) },
      delegate: try delegate(store),
      // Damaged ones are as good as lost: others are made.
      jwtKeys: try store.keys.read(Key.jwtKeys).flatMap { try? JWTSigningKeys(decoding: SecretBytes($0)) },
      statement: try store.setting(Key.statement) ?? [],
      // Damaged ones are as good as lost: hosts that slept join anew.
      handovers: try store.setting(Key.handovers).flatMap { try? Handover.decode($0) } ?? []
    )
  }

  /// Nil also where its key is gone: the root's holder gives another intermediate.
  private static func delegate(_ store: AgentStore) throws -> DelegatedAuthority? {
    guard let state = try store.setting(Key.delegate), let keys = try store.keys.read(Key.delegateKeys) else {
      return nil
    }
    return try? DelegatedAuthority(decoding: state, keys: AuthorityKeys(decoding: SecretBytes(keys)))
  }

  /// Writes what this host signs by without the root: the key, then the rest. With nil, the key goes last.
  static func save(_ delegate: DelegatedAuthority?, to store: AgentStore) throws(AgentStoreError) {
    if let delegate { try store.keys.write(Key.delegateKeys, delegate.keys.encoded.bytes) }
    try store.set(Key.delegate, delegate?.encoded)
    if delegate == nil { try store.keys.remove(Key.delegateKeys) }
  }

  /// Writes an authority: its keys, then the rest, as it wants it.
  static func save(_ state: AuthorityState, to store: AgentStore) throws(AgentStoreError) {
    try store.keys.write(Key.authorityKeys, state.keys.encoded.bytes)
    try store.set([
      Key.authority: state.encoded, Key.bundle: state.bundle.encoded,
      Key.formerRoots: RootList.encode(state.formerRoots),
    ])
  }
}

extension TrustMemory {
  /// Writes what a host without the root's key believes, and the root's word for it where there is one.
  static func save(
    _ bundle: TrustBundle,
    formerRoots: [[UInt8]],
    statement: [UInt8] = [],
    handovers: [Handover] = [],
    to store: AgentStore
  ) throws(AgentStoreError) {
    try store.set([
      Key.bundle: bundle.encoded, Key.formerRoots: RootList.encode(formerRoots), Key.statement: statement,
      Key.handovers: Handover.encode(handovers),
    ])
  }
}

/// A list of certificates as bytes: each behind its length.
enum RootList {
  static func encode(_ roots: [[UInt8]]) -> [UInt8] {
    roots.flatMap { [UInt8($0.count >> 8 & 0xff), UInt8($0.count & 0xff)] + $0 }
  }

  static func decode(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var roots: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 2 else { throw AuthorityError.malformed("the list of former roots") }
      let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      rest = rest.dropFirst(2)
      guard rest.count >= count else { throw AuthorityError.malformed("the list of former roots") }
      roots.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return roots
  }
}
