import Testing

@testable import ProxyPath

@Suite("What an idle connection is made of")
struct IdleSizeTests {
  /// Bytes of the 3 KB that an idle connection of a program may cost a proxy; nghttp2's stream and slack are the rest.
  private static let limit = 512

  @Test("is small: a program's connection, a stream to another proxy, a client between two requests")
  func sizes() {
    let sizes = [
      ("Connection", MemoryLayout<Connection>.stride), ("PeerStream", MemoryLayout<PeerStream>.stride),
      ("HTTPClient", MemoryLayout<HTTPClient>.stride), ("HTTPUpstream", MemoryLayout<HTTPUpstream>.stride),
    ]
    for (name, bytes) in sizes { #expect(bytes <= Self.limit, "\(name) has \(bytes) bytes") }
  }
}
