/// What Weft writes to the journal, one case per event that an operator would search for.
///
/// Each has a MESSAGE_ID that was drawn once and never changes (`journalctl MESSAGE_ID=…`); docs/journal.md lists them,
/// and a test holds the page to this file.
public enum EventKind: UInt8, CaseIterable, Sendable {
  case connectionClosed
  case connectionDenied
  case connectionFailed
  case connectionEnded
  case loopRefused
  case peerConnected
  case peerRefused
  case peerEnded
  case serverRefused
  case tlsFilesRead
  case tlsFilesRefused
  case hostResolved
  case hostUnresolved
  case request
  case requestDenied
  case requestFailed
  case proxyStarted
  case proxyReady
  case proxyDraining
  case proxyStopped
  case snapshotLoaded
  case snapshotRefused
  case snapshotMissing
  case agentConnected
  case agentLost
  case identityGiven
  case identityMissing
  case identityExpiring
  case listenerProblem
  case descriptorsExhausted
  case entriesDropped

  /// The fixed 128-bit MESSAGE_ID, in hexadecimal.
  public var messageID: String {
    switch self {
    case .connectionClosed: "46cbd5b1b473497587d771a01d852587"
    case .connectionDenied: "429d3d5a6c6c46ed8cdc7c9d408c4315"
    case .connectionFailed: "9422c133a6b94c95a8eec28972c6ba8c"
    case .connectionEnded: "74b27dcc23d645a6a898951b31c9c675"
    case .loopRefused: "9369c8a5ffe440d5be10e833e647cace"
    case .peerConnected: "c3f0a58d1b6e4972a40d7be92561f83c"
    case .peerRefused: "94be1d27f6a34c08b5e3720ac8d16f49"
    case .peerEnded: "1f7d62c09ab84e35917c4be0d8a2f356"
    case .serverRefused: "6a0e4b7d92c8435f8b1df3057ac964e2"
    case .tlsFilesRead: "d41c7a9e50b24f6e93a8670c2be1f485"
    case .tlsFilesRefused: "20f9e6b3c8754d1aa7e41b96d5038c7e"
    case .hostResolved: "33b76604671f4c19b72dd85649d42f7e"
    case .hostUnresolved: "0eeb0525fbaf46d297172472b2406864"
    case .request: "17390de499504a04a56663c29135709d"
    case .requestDenied: "66318664a6d44f46b7f918831af265ae"
    case .requestFailed: "f5426268e3234427adb8862ae6e1136b"
    case .proxyStarted: "30be6b957c434cb7b76710e0d270cb61"
    case .proxyReady: "68ea958844594a10b52ebaaedbcf61c0"
    case .proxyDraining: "1ca1dde553b140ceadbde43eeb983f00"
    case .proxyStopped: "b0faf1ca8a2443ffb8f45620d20a9d90"
    case .snapshotLoaded: "26111cee896e4f9ab87f555f7422669a"
    case .snapshotRefused: "d924501faa254b8e89e73ef562a08572"
    case .snapshotMissing: "87632dc6776b4f7494e3854ed9e02ca3"
    case .agentConnected: "3f6a1c0e9d5b4e7f8a2b7c94d1e05f63"
    case .agentLost: "b8d2e47a06914c3d9f10c5a7e86b3d2f"
    case .identityGiven: "5d0c71e2a94f4b0e8c36f17ab29d4e58"
    case .identityMissing: "e19a4b6cd8274f30952be7c04d813fa6"
    case .identityExpiring: "7b42f9d03e5c41a6b1d86c5e92f07a34"
    case .listenerProblem: "dad55841ee1d4d68b413b9a83a9d57e4"
    case .descriptorsExhausted: "2acbdf9e252a4e1291ea9c0528bf0850"
    case .entriesDropped: "35b3cc3c756e47bbac8d97b64b66c22b"
    }
  }

  /// The value of WEFT_EVENT.
  public var name: String {
    switch self {
    case .connectionClosed: "connection-closed"
    case .connectionDenied: "connection-denied"
    case .connectionFailed: "connection-failed"
    case .connectionEnded: "connection-ended-by-policy"
    case .loopRefused: "loop-refused"
    case .peerConnected: "peer-connected"
    case .peerRefused: "peer-refused"
    case .peerEnded: "peer-ended"
    case .serverRefused: "server-refused"
    case .tlsFilesRead: "tls-files-read"
    case .tlsFilesRefused: "tls-files-refused"
    case .hostResolved: "host-resolved"
    case .hostUnresolved: "host-unresolved"
    case .request: "request"
    case .requestDenied: "request-denied"
    case .requestFailed: "request-failed"
    case .proxyStarted: "proxy-started"
    case .proxyReady: "proxy-ready"
    case .proxyDraining: "proxy-draining"
    case .proxyStopped: "proxy-stopped"
    case .snapshotLoaded: "snapshot-loaded"
    case .snapshotRefused: "snapshot-refused"
    case .snapshotMissing: "snapshot-missing"
    case .agentConnected: "agent-connected"
    case .agentLost: "agent-lost"
    case .identityGiven: "identity-given"
    case .identityMissing: "identity-missing"
    case .identityExpiring: "identity-expiring"
    case .listenerProblem: "listener-problem"
    case .descriptorsExhausted: "descriptors-exhausted"
    case .entriesDropped: "entries-dropped"
    }
  }

  /// PRIORITY: `info` for what is meant to happen, `notice` for a change of state or for policy's work, `warning` for
  /// what someone should look at, `error` for what keeps the proxy from its work.
  public var priority: Priority {
    switch self {
    case .connectionClosed, .request, .peerConnected, .peerEnded, .hostResolved: .info
    case .connectionDenied, .connectionEnded, .requestDenied: .notice
    case .proxyStarted, .proxyReady, .proxyDraining, .proxyStopped, .snapshotLoaded, .agentConnected, .identityGiven:
      .notice
    case .tlsFilesRead: .notice
    case .peerRefused, .serverRefused, .tlsFilesRefused, .hostUnresolved: .warning
    case .connectionFailed, .requestFailed, .loopRefused, .snapshotMissing, .agentLost, .identityMissing,
      .identityExpiring, .entriesDropped:
      .warning
    case .snapshotRefused, .listenerProblem, .descriptorsExhausted: .error
    }
  }

  /// Which share of the rate limit the event draws on.
  public var importance: RateLimiter.Importance {
    switch self {
    case .connectionClosed, .request, .hostResolved: .routine
    case .connectionDenied, .connectionFailed, .connectionEnded, .loopRefused: .important
    case .requestDenied, .requestFailed: .important
    case .peerConnected, .peerRefused, .peerEnded, .serverRefused: .important
    case .listenerProblem, .descriptorsExhausted, .hostUnresolved: .important
    // These have few causes and happen seldom: a proxy that cannot say why it stopped is worse than an entry too many.
    case .proxyStarted, .proxyReady, .proxyDraining, .proxyStopped: .vital
    case .snapshotLoaded, .snapshotRefused, .snapshotMissing, .agentConnected, .agentLost, .entriesDropped: .vital
    case .identityGiven, .identityMissing, .identityExpiring, .tlsFilesRead, .tlsFilesRefused: .vital
    }
  }
}
