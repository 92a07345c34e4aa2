internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Connections on their way from the workers' rings to the journal.
extension Recorder {
  /// Writes a connection's one record, with the program behind it.
  func handle(ended event: PathEvent) {
    // A refused client is held by its last descriptor until here, so that the kernel can still tell who it was.
    if event.held >= 0 {
      if event.duration_ns == 0 { programs.identify(event) }
      _ = FileDescriptor(owning: event.held)
    }
    write(event, programs.remove(event.id))
    event.hello?.deallocate()
  }

  /// Writes that accepting pauses for want of descriptors.
  func writeExhausted(_ event: PathEvent) {
    journal.write(EventKind.descriptorsExhausted.importance) { entry in
      entry.start(.descriptorsExhausted)
      entry.open("MESSAGE")
      entry.write("accepting pauses: ")
      entry.write(event.bytesSent)
      entry.write(
        " connections of one worker use up the descriptor limit; those open go on, new ones wait in the kernel"
      )
      entry.close()
      if event.code != 0 { entry.append("ERRNO", event.code) }
      entry.append("WEFT_PROXY", origin)
    }
  }

  private func write(_ event: PathEvent, _ program: ProcessReport?) {
    let kind = event.eventKind
    let table = known.policy(event.policyVersion)
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append(
        event,
        verdict: decisive(event, table),
        service: event.servicePort < 0 ? nil : known.names(event.policyVersion)?.service(event.servicePort),
        route: event.rule < 0 ? nil : known.names(event.policyVersion)?.route(event.rule)
      )
      if let words = ProofWords(event.proof, event.direction, identities) { entry.append(words) }
      if let program { entry.append(program) }
      entry.append("WEFT_PROXY", origin)
      entry.append("WEFT_CONFIG_VERSION", table?.snapshot?.revision ?? "none")
    }
  }

  /// Of what was decided, what the connection's end came of.
  private func decisive(_ event: PathEvent, _ table: PolicyTable?) -> VerdictDescription? {
    let names = known.names(event.policyVersion)
    if let entry = event.entry, !entry.isAllowed { return names?.describe(entry) }
    return event.requestVerdict.flatMap { names?.describe($0).description }
      ?? event.verdict.flatMap { table?.describe($0) }
  }
}
