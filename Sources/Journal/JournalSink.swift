internal import Glibc
internal import Kernel

/// Where finished entries go: journald, or JSON lines on standard error. Used from one thread, the logger's.
///
///     let sink = try JournalSink(mode: .journal, identifier: "weft-proxy")
///     sink.send(&entry, now_ns: clock)
///
/// Where journald is absent the entries go to standard error, which is said once per absence, and the socket is tried
/// again every few seconds; a journald that restarts is found again at once. Where journald is too slow, entries are
/// dropped and counted. The process must ignore SIGPIPE.
public final class JournalSink {
  /// What `--log` chooses.
  public enum Mode: String, Sendable, CaseIterable {
    case journal, stderr, none
  }

  /// What became of the entries so far. `dropped` is meant for `RateLimiter.note` and the metrics.
  public struct Counts: Equatable, Sendable {
    /// Entries journald took, those sent as a file included.
    public var journal: UInt64 = 0
    /// Of these, entries sent as a memory file for their size.
    public var large: UInt64 = 0
    /// Entries written as JSON lines.
    public var lines: UInt64 = 0
    /// Entries lost: journald's queue was full, or the reader of standard error slept.
    public var dropped: UInt64 = 0
  }

  /// journald's native socket (systemd-journald.service(8)).
  public static let defaultPath = "/run/systemd/journal/socket"
  /// Nanoseconds between two attempts to reach a journald that is absent: soon enough for a person who restarts it.
  public static let retryInterval_ns: UInt64 = 5_000_000_000
  /// How long one entry may wait for room: where no systemd raises net.unix.max_dgram_qlen the queue is ten datagrams
  /// long, and journald needs a moment for each.
  static let patience_ms: Int32 = 20
  /// Nanoseconds without any patience after it was in vain, so that a hung journald costs the logger 2 % of its time.
  static let impatience_ns: UInt64 = 1_000_000_000

  /// What became of the entries so far.
  public private(set) var counts = Counts()
  /// Whether the last entry went to journald, or the next one will try.
  public var reachesJournal: Bool { socket != nil }

  private let mode: Mode
  private let path: String
  private let identifier: String
  private var socket: JournalSocket?
  private var retryAt_ns: UInt64 = 0
  private var impatientUntil_ns: UInt64 = 0
  private var absenceSaid = false
  private var lines: LineStream
  private var line = ByteBuilder()

  /// A sink that connects with the first entry. `identifier` names the program in what the sink itself says on
  /// `lineDescriptor`, standard error by default, which it never closes. Throws where `path` cannot be a socket's.
  public init(
    mode: Mode,
    identifier: String,
    path: String = JournalSink.defaultPath,
    lineDescriptor: Int32 = 2
  ) throws(JournalError) {
    guard !path.isEmpty, path.utf8.count <= JournalSocket.maximumPathBytes, !path.utf8.contains(0) else {
      throw .socketPath(path)
    }
    self.mode = mode
    self.path = path
    self.identifier = identifier
    lines = LineStream(number: lineDescriptor)
  }

  /// Finishes `entry` and sends it. `now_ns` is the monotonic clock in nanoseconds. The entry stays as it was sent until it
  /// is started anew.
  public func send(_ entry: inout JournalEntry, now_ns: UInt64) {
    entry.finish()
    switch mode {
    case .none: return
    case .stderr: writeLine(entry)
    case .journal: if !sendToJournal(entry.bytes, now_ns: now_ns) { writeLine(entry) }
    }
  }

  /// False where journald is absent.
  private func sendToJournal(_ bytes: UnsafeRawBufferPointer, now_ns: UInt64) -> Bool {
    // The second round is for a journald that was restarted since the last entry.
    for round in 0..<2 {
      guard connectIfDue(now_ns: now_ns) else { return false }
      switch deliver(bytes, now_ns: now_ns) {
      case .sent:
        counts.journal &+= 1
        return true
      case .busy, .tooLarge:
        counts.dropped &+= 1
        return true
      case .gone(let reason):
        socket = nil
        retryAt_ns = now_ns
        if round == 1 { noteAbsence(reason, now_ns: now_ns) }
      }
    }
    return false
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer, now_ns: UInt64) -> JournalSocket.Outcome {
    let first = attempt(bytes)
    guard first == .busy, now_ns >= impatientUntil_ns else { return first }
    socket?.waitForRoom(timeout_ms: Self.patience_ms)
    let second = attempt(bytes)
    if second == .busy { impatientUntil_ns = now_ns &+ Self.impatience_ns }
    return second
  }

  private func attempt(_ bytes: UnsafeRawBufferPointer) -> JournalSocket.Outcome {
    let outcome = socket?.send(bytes) ?? .busy
    guard outcome == .tooLarge else { return outcome }
    // Without memory or a descriptor for the file the entry is lost, and counted as that.
    guard let file = try? MemoryFile.sealed(bytes, name: "weft-journal-entry") else { return .tooLarge }
    let passed = socket?.send(file: file) ?? .busy
    if passed == .sent { counts.large &+= 1 }
    return passed
  }

  private func connectIfDue(now_ns: UInt64) -> Bool {
    if socket != nil { return true }
    guard now_ns >= retryAt_ns else { return false }
    do {
      socket = try JournalSocket(path: path)
      if absenceSaid { say("journald answers again at \(path)") }
      absenceSaid = false
      return true
    } catch {
      noteAbsence(error, now_ns: now_ns)
      return false
    }
  }

  private func noteAbsence(_ reason: SystemError, now_ns: UInt64) {
    retryAt_ns = now_ns &+ Self.retryInterval_ns
    if !absenceSaid {
      say("no journald: \(reason); entries go to standard error as JSON lines until it answers")
    }
    absenceSaid = true
  }

  private func writeLine(_ entry: borrowing JournalEntry) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    line.removeAll()
    line.appendJSON(entry, realtimeMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000)
    if lines.write(line.bytes) { counts.lines &+= 1 } else { counts.dropped &+= 1 }
  }

  private func say(_ text: String) {
    var sentence = "\(identifier): \(text)\n"
    sentence.withUTF8 { _ = lines.write(UnsafeRawBufferPointer($0)) }
  }
}
