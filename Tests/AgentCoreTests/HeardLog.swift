import Logging
import Synchronization

/// A log whose entries a test sees as they are written, on the thread that writes them.
final class HeardLog: Sendable {
  private let entries = Mutex<[String]>([])
  private let hear: @Sendable (String) -> Void

  /// `hear` is called for each entry before whoever writes it goes on.
  init(_ hear: @escaping @Sendable (String) -> Void = { _ in }) { self.hear = hear }

  /// The messages so far.
  var messages: [String] { entries.withLock { $0 } }

  /// A logger that writes here.
  var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

  private struct Handler: LogHandler {
    let log: HeardLog
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let message = event.message.description
      log.entries.withLock { $0.append(message) }
      log.hear(message)
    }
  }
}
