internal import Journal
internal import Kernel
internal import MeshModel
internal import Reactor
internal import TransportSecurity

/// The identity that goes from a proxy to the one that replaces it: both sides of `IdentityHandover` on the control thread.
extension Control {
  /// Answers `/v1/identity`: to a process of the proxy's own user in its own network namespace, and to nobody else. By these the
  /// agent knows whose identity is whose (docs/decisions/0065), and proxies of several pods may share a user and a directory.
  func handIdentityOver(_ exchange: inout HTTPExchange) -> HTTPResponse {
    guard let peer = UnixSocket.peer(of: exchange.socket), peer.uid == ProcessIdentity.uid,
      UnixSocket.isOfOwnNamespace(exchange.socket)
    else {
      return problem(403, "Forbidden", "an identity is handed over within its pod, to the proxy's own user only")
    }
    guard isReady else { return problem(409, "Conflict", "draining already: another proxy has taken over") }
    guard let current = identity?.current else { return problem(404, "Not Found", "this proxy has no identity") }
    // A socket that was just accepted has room for all of it. Who gets less has nothing.
    guard let answer = IdentityHandover.encode(current),
      case .bytes(let sent) = exchange.socket.transmit(answer.bytes), sent == answer.count
    else { return problem(500, "Internal Server Error", "the identity could not be sent") }
    announce(
      .identityGiven,
      "pid \(peer.pid), of this proxy's user and pod, was handed \(current.own.spiffeID) over, as who replaces a proxy is"
    )
    return HTTPResponse.nothing
  }

  /// Begins with what the proxy had that this one replaces. Call it before the workers start.
  func begin(with handed: IdentityHandover.Outcome) {
    guard let identity else { return }
    switch handed {
    case .nothing: break
    case .refused(let reason):
      announce(.identityMissing, "the identity of the proxy that this one replaces is not used: \(reason)")
    case .taken(let inherited):
      identity.inherit(inherited, now_s: wall_s)
      expiry = ExpiryNotices(begins_s: inherited.own.notBefore_s, ends_s: inherited.own.notAfter_s)
      fleet.firstIdentity = inherited
      announce(
        .identityGiven,
        "this proxy is \(inherited.own.spiffeID) for \(Self.span(inherited.own.notAfter_s - wall_s)), as the one was that it "
          + "replaces, until the agent says otherwise"
      )
    }
  }
}
