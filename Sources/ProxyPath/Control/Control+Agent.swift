internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// The agent: the control thread's side of `AgentStream`, and what is kept and given back after its pushes.
extension Control {
  static let agentToken = Token(.agent, index: 0).rawValue

  /// Does what is due: a stream that is to be opened, a start that has waited long enough.
  func turnToAgent() {
    guard let agent else { return }
    note(agent.publishIfDue(now_ms: now_ms))
    note(agent.connectIfDue(now_ms: now_ms, loop: loop, token: Self.agentToken))
    guard let deadline_ns = agentDeadline_ns else { return }
    // Who this proxy is comes with its policies: connections that need both should not come between them.
    if agent.isReady, identity?.hasAnswer != false {
      agentDeadline_ns = nil
      announceReady()
    } else if Clock.monotonic_ns() >= deadline_ns {
      agentDeadline_ns = nil
      if !agent.isReady { startWithout(agent) }
      announceReady()
    }
  }

  /// Goes on by what the agent said to the proxy that ran here before, where that was kept.
  private func startWithout(_ agent: AgentStream) {
    let absence = "no policies came from the agent at \(agent.path) yet"
    if snapshots.table.snapshot == nil {
      announce(.snapshotMissing, "\(absence): everything passes until they do")
    } else {
      announce(.snapshotLoaded, "\(absence): those it sent last are in force until they do; \(snapshots.summary)")
    }
  }

  /// What is in force and came from the agent.
  var agentsSnapshot: Snapshot? { agent?.isReady == true ? snapshots.table.snapshot : nil }

  /// `isUrgent`: another proxy is about to start with it.
  func keepSnapshot(isUrgent: Bool = false) {
    do {
      if try last.keep(agentsSnapshot, documents: snapshots.version, now_ms: now_ms, isUrgent: isUrgent) {
        tidyAt_ms = tidyAt_ms ?? now_ms + Self.tidyPause_ms
      }
    } catch {
      announce(
        .snapshotRefused,
        "the agent's policies are in force, but could not be kept for a start without it: \(error)"
      )
    }
  }

  /// Tells of new documents, and that the code which read them can be given back.
  func note(_ publication: DiscoverySeat.Publication) {
    guard publication != .unchanged else { return }
    tidyAt_ms = tidyAt_ms ?? now_ms + Self.tidyPause_ms
    if publication == .documents { announce(.snapshotLoaded, snapshots.summary) }
  }

  /// Endpoints come and go many times a second, and giving back costs the workers some page faults each time.
  static let tidyPause_ms: UInt64 = 1_000

  /// Gives back the pages of code that pushes ran, where it is time.
  func tidy() {
    guard let due_ms = tidyAt_ms, now_ms >= due_ms else { return }
    tidyAt_ms = nil
    CodePages.releaseUnused()
  }

  /// Tells of an agent that came or went.
  func note(_ outcome: AgentStream.Outcome?) {
    switch outcome {
    case .nothing?, nil: break
    case .connected?: announce(.agentConnected, "the agent at \(agent?.path ?? "") is connected; \(snapshots.summary)")
    case .lost(let reason)?:
      announce(.agentLost, "the agent is lost, the proxy serves on with what it has: \(reason)")
    }
  }
}
