internal import GRDB
internal import Synchronization

/// What an agent must find again after a restart, in a directory of its own: replicated records, registrations, virtual
/// addresses, join tokens and workload entries in an SQLite database; the mesh's settings in a file, and private keys in
/// files of their own.
///
/// There is one connection, and calls take turns on it: the agent is the only writer, reads are for starts, and a pool
/// would cost memory for readers that never come. Calls block their thread until what they write is on disk, some
/// milliseconds on an SSD. Nothing here looks at a clock, so no jump of one matters.
public final class AgentStore: Sendable {
  /// Where it all is.
  public let directory: String
  /// Private keys, in files of the same directory.
  public let keys: KeyFiles

  let path: String
  let queue: DatabaseQueue
  let settingsFile: SettingsFile
  private let lock: DirectoryLock
  /// GRDB writes through a closed connection to an error, and reads through it to memory that is gone.
  private let isClosed = Atomic(false)
  private let transactions = Atomic<UInt64>(0)

  /// Transactions that wrote, since it was opened: each has waited for the disk once.
  public var transactionCount: UInt64 { transactions.load(ordering: .relaxed) }

  /// Opens what `directory` holds, or makes it, and checks all of it before anything is read.
  ///
  /// - Throws: `AgentStoreError`; nothing was removed then, and the directory is free again.
  public static func open(directory: String) throws(AgentStoreError) -> AgentStore {
    let place = StoreDirectory(path: directory)
    try place.prepare()
    let lock = try DirectoryLock(place)
    do {
      try place.prepareDatabase()
      let queue = try DatabaseQueue(path: place.database, configuration: configuration(place.database))
      let settings = try SettingsFile(place)
      try check(queue, settings)
      return AgentStore(place, queue, settings, lock)
    } catch {
      lock.release()
      throw AgentStoreError(error, path: place.database, doing: "opening the database")
    }
  }

  private init(_ place: StoreDirectory, _ queue: DatabaseQueue, _ settings: SettingsFile, _ lock: DirectoryLock) {
    directory = place.path
    path = place.database
    keys = KeyFiles(directory: place.path)
    self.queue = queue
    settingsFile = settings
    self.lock = lock
  }

  /// Moves the log into the database and lets others have the directory. Calls after it fail.
  public func close() throws(AgentStoreError) {
    guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
    do { try queue.close() } catch { throw AgentStoreError(error, path: path, doing: "closing the database") }
    lock.release()
  }

  deinit { if !isClosed.load(ordering: .relaxed) { try? queue.close() } }  // Before the lock goes.

  /// Runs `body` in a transaction: all of it or nothing is on disk when this returns or throws.
  func write<Result>(_ doing: String, _ body: (Database) throws -> Result) throws(AgentStoreError) -> Result {
    try requireOpen(doing)
    transactions.add(1, ordering: .relaxed)
    do { return try queue.write(body) } catch { throw AgentStoreError(error, path: path, doing: doing) }
  }

  /// Runs `body` on what is there.
  func read<Result>(_ doing: String, _ body: (Database) throws -> Result) throws(AgentStoreError) -> Result {
    try requireOpen(doing)
    do { return try queue.read(body) } catch { throw AgentStoreError(error, path: path, doing: doing) }
  }

  func requireOpen(_ doing: String) throws(AgentStoreError) {
    guard !isClosed.load(ordering: .sequentiallyConsistent) else {
      throw .failed(path: path, doing: doing, said: "the store was closed, since the agent ends")
    }
  }
}
