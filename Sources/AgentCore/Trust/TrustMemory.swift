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

  /// DER of all roots that the mesh has and had.
  var roots: [[UInt8]] { bundle.roots + formerRoots }

  /// Names of settings and key files.
  enum Key {
    static let authority = "authority", bundle = "bundle", formerRoots = "former-roots", tokens = "tokens"
    static let authorityKeys = "authority.key", hostKey = "host.key"
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
      workloads: workloads
    )
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
  /// Writes what a host without an authority believes.
  static func save(_ bundle: TrustBundle, formerRoots: [[UInt8]], to store: AgentStore) throws(AgentStoreError) {
    try store.set([Key.bundle: bundle.encoded, Key.formerRoots: RootList.encode(formerRoots)])
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
