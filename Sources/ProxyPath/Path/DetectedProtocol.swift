/// What the two sides were found to speak. Found by looking at bytes as they pass, so it never delays anyone.
enum DetectedProtocol: UInt8, Sendable, CaseIterable {
  /// Neither side has said anything.
  case silent
  case tls
  case http1
  case http2
  /// The server spoke before the client, as SMTP, FTP, SSH and MySQL servers do.
  case serverFirst
  /// The client spoke first, in no protocol known here.
  case opaque

  /// The word in WEFT_PROTOCOL.
  var text: StaticString {
    switch self {
    case .silent: "silent"
    case .tls: "tls"
    case .http1: "http/1"
    case .http2: "http/2"
    case .serverFirst: "server-first"
    case .opaque: "opaque"
    }
  }
}
