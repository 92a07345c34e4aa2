public import Logging

/// swift-log's entries in the journal: MESSAGE, PRIORITY, LOGGER, CODE_FILE, CODE_LINE, CODE_FUNC (systemd.journal-fields(7)),
/// and each metadata key as `WEFT_<KEY>`.
public struct JournalLogHandler: LogHandler {
  /// Fields of every entry of this logger.
  public var metadata: Logger.Metadata = [:]
  /// Fields that are asked for with each entry.
  public var metadataProvider: Logger.MetadataProvider?
  /// Entries below are not written.
  public var logLevel: Logger.Level

  private let log: JournalLog
  private let label: String

  /// A handler for the logger called `label`.
  public init(label: String, log: JournalLog, level: Logger.Level = .info) {
    self.label = label
    self.log = log
    logLevel = level
  }

  /// One of the fields of every entry.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes one entry; an error that comes with it is WEFT_REASON.
  public func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
    if let own = event.metadata { fields.merge(own) { _, new in new } }
    let priority = Priority(event.level)
    log.write(priority.rawValue <= Priority.warning.rawValue ? .important : .routine) { entry in
      entry.start(priority: priority)
      entry.append("MESSAGE", event.message.description)
      entry.append("LOGGER", label)
      entry.append("CODE_FILE", event.file)
      entry.append("CODE_LINE", event.line)
      entry.append("CODE_FUNC", event.function)
      if let error = event.error { entry.append("WEFT_REASON", "\(error)") }
      for (key, value) in fields {
        entry.open(key: key)
        entry.write("\(value)")
        entry.close()
      }
    }
  }
}

extension Priority {
  init(_ level: Logger.Level) {
    switch level {
    case .trace, .debug: self = .debug
    case .info: self = .info
    case .notice: self = .notice
    case .warning: self = .warning
    case .error: self = .error
    case .critical: self = .critical
    }
  }
}
