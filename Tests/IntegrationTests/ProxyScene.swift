import Glibc
import MeshModel
import Testing
import WeftTestKit

/// A client and a server pod with a proxy in one of them, as most tests of the proxy need it.
struct ProxyScene {
  let pods: TwoPods
  let proxy: ProxyUnderTest

  /// The proxy beside the client: what its programs dial is captured.
  static func outbound(_ options: ProxyUnderTest.Options = .init()) throws -> ProxyScene {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    return ProxyScene(pods: pods, proxy: try ProxyUnderTest(in: pods.client, options))
  }

  /// The proxy beside the server: what arrives at its programs is captured.
  static func inbound(_ options: ProxyUnderTest.Options = .init()) throws -> ProxyScene {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.server, outbound: nil)
    return ProxyScene(pods: pods, proxy: try ProxyUnderTest(in: pods.server, options))
  }

  /// A listener at the server's IPv4 address, any port.
  func listener() throws -> PodListener {
    try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
  }

  /// Dials `address` from the client.
  func dial(_ address: SocketAddress) throws -> PodStream { try PodStream.connect(from: pods.client, to: address) }

  /// A connection through the proxy: the client's end and the server's.
  func connection() throws -> (client: PodStream, server: PodStream) {
    let listener = try listener()
    let client = try dial(listener.address)
    return (client, try listener.accept())
  }

  /// The record of the connection to `address`.
  @discardableResult
  func record(to address: SocketAddress, after count: Int = 0) throws -> LogRecord {
    try proxy.record("to \(address)", after: count) { $0["ORIGINAL_DESTINATION"] == address.description }
  }
}

/// Whether the stream ends in a reset; an orderly end or a deadline is none.
func endsInReset(_ stream: PodStream) -> Bool {
  do {
    while try !stream.receive().isEmpty {}
    return false
  } catch { return (error as? SocketFailure)?.code == ECONNRESET }
}
