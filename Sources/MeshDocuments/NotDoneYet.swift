// What is read, kept, compiled and told, and waits for proxies that speak the mesh's mutual TLS to each other. In one place,
// for all of it goes on the day they do.

extension Field {
  /// A warning for what asks who a peer is.
  func warnOfIdentity() {
    warning(
      "proxies do not take identities from peers yet, so this is compared with none: it matches nobody, its \"not\" everybody"
    )
  }

  /// A warning for what asks peers to show who they are.
  func warnOfPeers() { warning("proxies do not ask peers for identities yet, so nobody is refused by it") }

  /// A warning for what says how endpoints are spoken to.
  func warnOfTransport() { warning("proxies do not speak TLS to endpoints yet, so what programs say goes as it came") }
}
