// What is read, kept, compiled and told, and not done by proxies yet. In one place, for all of it goes on the day it is.

extension Field {
  /// A warning for what asks peers to show who they are.
  func warnOfPeers() { warning("proxies do not ask peers for identities yet, so nobody is refused by it") }
}
