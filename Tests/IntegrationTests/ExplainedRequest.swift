import MeshModel

/// A request that is both explained and sent. What the two come to must be the same; nobody says here what that is.
struct ExplainedRequest: Sendable {
  /// Who asks a workload.
  enum Peer: Sendable { case stranger, member, forwarder }
  /// What stands in a request for a token of the test's issuer.
  enum Token: String, Sendable { case good, admin, expired, forged }

  let method: String
  /// Host and port as they are written in Host.
  let host: String
  let target: String
  let headers: [String]
  let token: Token?
  let peer: Peer
  /// Where it is sent; nil: the virtual address of `web`.
  let address: SocketAddress?

  init(
    _ target: String,
    _ headers: String...,
    method: String = "GET",
    host: String = "web",
    token: Token? = nil,
    from peer: Peer = .member,
    to address: SocketAddress? = nil
  ) {
    self.target = target
    self.headers = headers
    self.method = method
    self.host = host
    self.token = token
    self.peer = peer
    self.address = address
  }

  /// For messages of the tests.
  var testDescription: String {
    ([method, "http://\(host)\(target)"] + headers + [token?.rawValue, "\(peer)"].compactMap { $0 })
      .joined(separator: " ")
  }
}
