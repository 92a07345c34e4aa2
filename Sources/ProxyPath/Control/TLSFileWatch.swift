internal import Journal
internal import Kernel
internal import Reactor

/// Tells when files that DestinationRules name may have changed.
final class TLSFileWatch {
  /// One directory that holds some of them.
  private final class Watched {
    let watch: FileWatch
    init(_ watch: consuming FileWatch) { self.watch = watch }
  }

  private var watched: [String: Watched] = [:]
  /// Something has changed; when it is looked at, for a writer may still be at it.
  private var due_ms: UInt64?
  /// When it is looked at though nothing is told: not every file system tells.
  private var next_ms: UInt64 = 0

  /// Directories that are watched at most; files of others are found changed within a minute.
  static let directories = 64
  /// Between two looks that nothing gave rise to, in milliseconds.
  static let interval_ms: UInt64 = 60_000
  /// How long a writer has, in milliseconds.
  static let pause_ms: UInt64 = 250

  /// Watches what is to be watched now.
  func follow(_ paths: Set<String>, _ loop: borrowing Epoll, now_ms: UInt64) {
    let wanted = Dictionary(paths.sorted().map { (Self.directory($0), $0) }) { first, _ in first }
    watched = watched.filter { wanted[$0.key] != nil }
    for (directory, path) in wanted where watched[directory] == nil && watched.count < Self.directories {
      guard let watch = try? FileWatch(directoryOf: path) else { continue }
      loop.add(watch.descriptor, .readable, token: Token(.tlsFiles, index: 0).rawValue)
      watched[directory] = Watched(watch)
    }
    if next_ms == 0 || paths.isEmpty { next_ms = paths.isEmpty ? 0 : now_ms + Self.interval_ms }
  }

  /// Something changed in one of the directories.
  func drain(now_ms: UInt64) {
    // Whose watch is over is watched anew, with the look that follows.
    watched = watched.filter { $0.value.watch.drain() }
    due_ms = due_ms ?? now_ms + Self.pause_ms
  }

  /// Whether it is time to look; asking counts.
  func takeLook(now_ms: UInt64) -> Bool {
    guard patience_ms(now_ms: now_ms) == 0 else { return false }
    due_ms = nil
    next_ms = now_ms + Self.interval_ms
    return true
  }

  /// Milliseconds until then; nil where nothing is watched.
  func patience_ms(now_ms: UInt64) -> UInt64? {
    guard next_ms != 0 else { return nil }
    let next = min(due_ms ?? .max, next_ms)
    return next > now_ms ? next - now_ms : 0
  }

  private static func directory(_ path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  }
}

extension Control {
  /// Does what is due: files that have changed are read again, and the workers told.
  func turnToTLSFiles() {
    guard tlsWatch.takeLook(now_ms: now_ms) else { return }
    for outcome in fleet.lookAtTLSFiles() {
      switch outcome {
      case .read(let files):
        announce(.tlsFilesRead, "read again, for connections to servers outside the mesh: \(files)")
      case .refused(let reason):
        announce(
          .tlsFilesRefused,
          "a file of a DestinationRule cannot be used, what was read before goes on: \(reason)"
        )
      }
    }
  }

  /// Milliseconds until `turnToTLSFiles` has something to do.
  var tlsFilesPatience_ms: Int32 { tlsWatch.patience_ms(now_ms: now_ms).map { Int32(clamping: $0) } ?? .max }
}

extension Token.Kind {
  static let tlsFiles = Token.Kind(24)
}
