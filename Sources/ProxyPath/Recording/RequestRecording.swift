internal import Journal
internal import MeshModel
internal import Policy
internal import Reactor

/// Requests on their way from the workers' rings to the journal and to whoever taps.
extension Recorder {
  /// Takes all that one ring held when this began, and returns how much that was.
  func drainRequests(of outbox: Outbox) -> Int {
    var taken = 0
    while taken < Outbox.requestCapacity, let event = outbox.requests.pop() {
      taken += 1
      handle(event)
    }
    return taken
  }

  private func handle(_ event: RequestEvent) {
    let flow = event.flowVerdict.flatMap { known.describe($0, version: event.tableVersion) }
    let words = RequestWords(event, known.names(event.tableVersion), flow: flow)
    let program = programs[event.connection]
    if event.isTapped {
      var report = RequestReport(event, words, program, time_ms: Int64(Clock.realtime_us() / 1000))
      if let words = ProofWords(event.proof, event.direction, identities) { report.take(words) }
      tap.add(report)
    }
    if event.isRecorded { write(event, words, program) }
  }

  private func write(_ event: RequestEvent, _ words: RequestWords, _ program: ProcessReport?) {
    let kind = event.eventKind
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append(event, words)
      if let words = ProofWords(event.proof, event.direction, identities) { entry.append(words) }
      if let program { entry.append(program) }
      entry.append("WEFT_PROXY", origin)
      entry.append("WEFT_CONFIG_VERSION", known.policy(event.tableVersion)?.snapshot?.revision ?? "none")
    }
  }
}
