internal import Journal
internal import Kernel
internal import MeshModel
internal import Reactor

/// Names: the control thread's side of `NameSockets`.
extension Control {
  /// The connection to the agent; the sockets themselves are counted from 1.
  private static let namesToken = Token(.names, index: 0).rawValue

  /// Does what is due: a connection to the agent, or refusals while there is none.
  func turnToNames() {
    guard let names else { return }
    note(names.connectIfDue(now_ms: now_ms, loop: loop, token: Self.namesToken))
    names.refuseIfDue(now_ms: now_ms, loop: loop) { Token(.names, index: UInt32($0) + 1).rawValue }
  }

  /// Takes what came from the agent (0), or at one of the sockets.
  func hearNames(_ index: UInt32) {
    guard index > 0 else { return note(names?.ready(now_ms: now_ms)) }
    names?.refuse(at: Int(index) - 1, now_ms: now_ms, loop: loop)
  }

  private func note(_ outcome: NameSockets.Outcome?) {
    switch outcome {
    case .nothing?, nil: break
    case .served?: announce(.agentConnected, "the agent at \(names?.path ?? "") answers what programs ask for names")
    case .lost(let reason)?:
      announce(
        .agentLost,
        "no agent answers what programs ask for names, they are told to ask elsewhere (SERVFAIL): \(reason)"
      )
    }
  }

  /// Whether names are answered here, for those who ask how the proxy is.
  var namesState: NamesState? {
    guard settings.answersNames else { return nil }
    guard let names else { return .elsewhere }
    return names.isServed ? .answered : .waiting
  }

  /// Answers `/v1/names`: the sockets travel outside HTTP, as those of `/v1/listeners` do.
  func handNamesOver(_ exchange: inout HTTPExchange) -> HTTPResponse {
    guard let names else { return .text(404, "Not Found", "this proxy holds no sockets for names") }
    do {
      try names.offer(to: exchange.socket)
      return HTTPResponse.nothing
    } catch {
      return .text(500, "Internal Server Error", "\(error)")
    }
  }
}
