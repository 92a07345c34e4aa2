internal import Glibc
internal import Kernel

extension AgentStore {
  /// Moves a damaged database aside, as `weft.db.corrupt-1` or the next free number, with its log and its index. Keys and
  /// settings stay, so the host is in the mesh that it was in, under its name. `open` then starts with an empty one.
  ///
  /// Only to be done when a person asks for it: records come back from other agents, registrations from service files
  /// and from programs that register again; what no other agent has is in the file that was moved, and nowhere else.
  ///
  /// - Returns: Where the database is now.
  public static func recover(directory: String) throws(AgentStoreError) -> String {
    let place = StoreDirectory(path: directory)
    let doing = "moving the database aside"
    try place.prepare()
    let lock = try DirectoryLock(place)
    defer { lock.release() }
    let names = (1...AgentStoreLimits.keptAside).map { "\(place.database).corrupt-\($0)" }
    guard let aside = names.first(where: { isFree($0) }) else {
      throw .refused(
        path: place.database,
        reason: "\(AgentStoreLimits.keptAside) damaged databases are kept beside it already; look at them first"
      )
    }
    guard !isFree(place.database) else {
      throw .refused(path: place.database, reason: "there is no database to move aside")
    }
    // The database first: SQLite never takes a log without its database for valid, and `open` refuses it.
    for suffix in [""] + StoreDirectory.suffixes {
      guard rename(place.database + suffix, aside + suffix) == 0 || errno == ENOENT else {
        throw AgentStoreError(SystemError("rename", place.database + suffix), doing: doing)
      }
    }
    try place.sync(doing: doing)
    return aside
  }

  private static func isFree(_ path: String) -> Bool {
    ([""] + StoreDirectory.suffixes).allSatisfy { access(path + $0, F_OK) != 0 }
  }
}
