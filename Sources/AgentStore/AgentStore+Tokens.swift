internal import GRDB

/// What comes of the use of a join token.
public struct TokenUse: Sendable {
  /// What is kept under its id from now on; nil where it was its last use.
  public var remaining: [UInt8]?

  /// A use that leaves `remaining`.
  public init(remaining: [UInt8]? = nil) { self.remaining = remaining }
}

extension AgentStore {
  /// Writes a join token down under its id, in place of one of the same. The value should hold no secret that joins: a
  /// hash of it serves as id.
  public func putToken(_ id: String, _ value: [UInt8]) throws(AgentStoreError) {
    try write("writing a join token") { db in try KeyedTable.token.put(id, value, db) }
  }

  /// Strikes a join token.
  public func removeToken(_ id: String) throws(AgentStoreError) {
    try write("removing a join token") { db in try KeyedTable.token.remove(id, db) }
  }

  /// All join tokens by their ids.
  public func tokens() throws(AgentStoreError) -> [String: [UInt8]] {
    try read("reading join tokens") { db in
      Dictionary(try KeyedTable.token.all(db).map { ($0.key, $0.value) }) { _, last in last }
    }
  }

  /// Uses a join token: `decide` sees its value and says what comes of it, which is on disk when this returns. No two
  /// uses see the same value, and a crash leaves the token either unused or used up.
  /// `decide` must not call the store, which is waiting for it.
  ///
  /// - Returns: Whether there was such a token.
  /// - Throws: What `decide` throws, and then the token is as it was; else `AgentStoreError`.
  public func useToken(_ id: String, _ decide: ([UInt8]) throws -> TokenUse) throws -> Bool {
    // An error of the caller's own passes through as it is, whatever it is.
    var refusal: (any Error)?
    do {
      return try write("using a join token") { db in
        guard let value = try KeyedTable.token.value(id, db) else { return false }
        let use: TokenUse
        do { use = try decide(value) } catch {
          refusal = error
          throw error
        }
        if let remaining = use.remaining {
          try KeyedTable.token.put(id, remaining, db)
        } else {
          try KeyedTable.token.remove(id, db)
        }
        return true
      }
    } catch {
      throw refusal ?? error
    }
  }
}
