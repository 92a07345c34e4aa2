internal import Kernel

/// Who may ask the admin socket for what.
extension Control {
  /// Whether whoever asks may: root, and the proxy's own user.
  static func mayAsk(_ exchange: borrowing HTTPExchange) -> Bool {
    UnixSocket.peer(of: exchange.socket).map { $0.uid == 0 || $0.uid == ProcessIdentity.uid } ?? false
  }

  /// Whether whoever may ask may ask this. What a proxy gets from the one that it replaces it gets within their pod, whoever it
  /// is; to drain the proxy is root's and who is of the pod. Proxies of several pods may share a user and a directory, and one
  /// must not be able to take or end what another serves. Linux before 5.14 does not tell, and then the user decides alone.
  static func mayAct(_ request: HTTPRequest, _ exchange: borrowing HTTPExchange) -> Bool {
    switch (request.method, request.target) {
    case (_, "/v1/listeners"), (_, "/v1/names"), (_, "/v1/sources"), (_, "/v1/retire"):
      !UnixSocket.isOfOtherNamespace(exchange.socket)
    case (_, "/v1/drain"):
      !UnixSocket.isOfOtherNamespace(exchange.socket) || UnixSocket.peer(of: exchange.socket)?.uid == 0
    default: true
    }
  }
}
