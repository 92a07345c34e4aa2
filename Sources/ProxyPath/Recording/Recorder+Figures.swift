internal import Journal
internal import Kernel
internal import MeshModel
internal import Telemetry

/// What became of the events so far, for metrics, status and the journal itself.
extension Recorder {
  /// What became of the entries and lookups so far, for metrics.
  func fill(_ figures: inout ProxyFigures) {
    let found = programs.counts
    figures.attributionFound = found.found
    figures.attributionMissed = found.missed
    figures.attributionSkipped = found.skipped + outboxes.reduce(0) { $0 + $1.skipped }
    let written = journal.counts
    figures.journalSent = written.sink.journal
    figures.journalLines = written.sink.lines
    figures.journalDropped = written.sink.dropped + dropped
    figures.journalRateLimited = written.rateLimited
    figures.requestsUnsampled = outboxes.reduce(0) { $0 + $1.unsampled }
  }

  /// How well records get where they go, for `weft check`.
  func status(mode: String) -> JournalStatus {
    let written = journal.counts
    return JournalStatus(
      mode: mode,
      sent: written.sink.journal + written.sink.lines,
      dropped: written.sink.dropped + dropped,
      rateLimited: written.rateLimited
    )
  }

  /// Events that found a ring full.
  var dropped: UInt64 { outboxes.reduce(0) { $0 + $1.dropped } }

  /// What found a ring full belongs into the same summary as what the journal could not take.
  func noteRingDrops() {
    let now = dropped
    guard now > notedDrops else { return }
    journal.note(dropped: now - notedDrops)
    notedDrops = now
  }
}
