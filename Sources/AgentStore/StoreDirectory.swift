internal import Glibc
internal import Kernel

/// The agent's data directory: its own alone, and with entries that are on disk when it says so.
struct StoreDirectory {
  let path: String

  var database: String { "\(path)/weft.db" }
  var lock: String { "\(path)/agent.lock" }

  /// What SQLite keeps beside a database: its log, and an index of that.
  static let suffixes = ["-wal", "-shm"]

  /// Makes the directory where it is missing, and sees that nobody else can look into it.
  ///
  /// One that has no database yet is closed to others without a word. Where there is one they may have read it, so a
  /// person shall know.
  func prepare() throws(AgentStoreError) {
    let doing = "making the data directory"
    if mkdir(path, 0o700) == 0 {
      try StoreDirectory(path: "\(path)/..").sync(doing: doing)
    } else if errno != EEXIST {
      throw AgentStoreError(SystemError("mkdir", path), doing: doing)
    }
    let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw AgentStoreError(SystemError("open", path), doing: doing) }
    let descriptor = FileDescriptor(owning: number)
    if access(database, F_OK) != 0 { _ = fchmod(descriptor.raw, 0o700) }
    try Privacy.check(descriptor, path, type: S_IFDIR, mode: "700")
  }

  /// Makes the database's file where it is missing: SQLite would let the umask decide who may read it, and gives its
  /// other files the mode of this one.
  func prepareDatabase() throws(AgentStoreError) {
    if access(database, F_OK) != 0 {
      var log = stat()
      if stat(database + "-wal", &log) == 0, log.st_size > 0 {
        throw .corrupt(path: database, said: "its log \(database)-wal is there and it is not")
      }
    }
    let number = Glibc.open(database, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw AgentStoreError(SystemError("open", database), doing: "making the database") }
    try Privacy.check(FileDescriptor(owning: number), database, type: S_IFREG, mode: "600")
    for path in Self.suffixes.map({ database + $0 }) {
      let number = Glibc.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
      if number < 0, errno == ENOENT { continue }
      guard number >= 0 else { throw AgentStoreError(SystemError("open", path), doing: "opening the database") }
      try Privacy.check(FileDescriptor(owning: number), path, type: S_IFREG, mode: "600")
    }
    try sync(doing: "making the database")
  }

  /// Has made, renamed and removed entries on disk (fsync(2) of the directory).
  func sync(doing: String) throws(AgentStoreError) {
    let number = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw AgentStoreError(SystemError("open", path), doing: doing) }
    let descriptor = FileDescriptor(owning: number)
    guard fsync(descriptor.raw) == 0 else { throw AgentStoreError(SystemError("fsync", path), doing: doing) }
  }
}

/// Whether a file is its agent's alone.
enum Privacy {
  /// Looks at the file that is open, not at its name, which could mean another by now.
  static func check(
    _ descriptor: borrowing FileDescriptor,
    _ path: String,
    type: mode_t,
    mode: String
  ) throws(AgentStoreError) {
    var status = stat()
    guard fstat(descriptor.raw, &status) == 0 else {
      throw AgentStoreError(SystemError("fstat", path), doing: "looking at its mode")
    }
    guard status.st_mode & S_IFMT == type else {
      throw .notPrivate(
        path: path,
        found: "is no \(type == S_IFDIR ? "directory" : "regular file")",
        command: "move it away"
      )
    }
    guard status.st_uid == geteuid() else {
      throw .notPrivate(
        path: path,
        found: "belongs to uid \(status.st_uid) and the agent runs as \(geteuid())",
        command: "run the agent as that user, or chown \(geteuid()) '\(path)'"
      )
    }
    guard status.st_mode & 0o077 == 0 else {
      throw .notPrivate(
        path: path,
        found: "has mode \(String(status.st_mode & 0o7777, radix: 8))",
        command: "chmod \(mode) '\(path)'"
      )
    }
  }
}
