internal import HTTP2
internal import Journal
internal import MeshModel

extension Recorder {
  /// Writes what is to be known of a connection between proxies.
  func write(_ note: PeerNote) {
    let kind: EventKind =
      switch note.kind {
      case .connected: .peerConnected
      case .refused: .peerRefused
      case .ended: .peerEnded
      }
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.open("MESSAGE")
      entry.write(note.text)
      entry.close()
      entry.append("WEFT_DIRECTION", (note.isServer ? Direction.inbound : .outbound).rawValue)
      entry.append("WEFT_PEER", note.peer)
      if let identity = note.identity { entry.append("WEFT_PEER_IDENTITY", identity.description) }
      if let expected = note.expected { entry.append("WEFT_EXPECTED_IDENTITY", expected.description) }
      if !note.version.isEmpty {
        entry.append("WEFT_TLS_VERSION", note.version)
        entry.append("WEFT_TLS_RESUMED", note.isResumed ? "yes" : "no")
      }
      if note.kind == .ended {
        entry.append("WEFT_STREAMS", note.streams)
        entry.append("WEFT_DURATION_US", note.duration_ns / 1000)
      }
      if let code = note.end?.errno { entry.append("ERRNO", code) }
      entry.append("WEFT_PROXY", origin)
    }
  }
}

extension PeerNote {
  /// One line a person can read: who, where, and what became of it.
  var text: String {
    let side = isServer ? "inbound from" : "outbound to"
    let who = identity.map { "\($0)" } ?? expected.map { "the proxy of \($0)" } ?? "a proxy"
    let what =
      switch kind {
      case .connected: "\(version)\(isResumed ? ", resumed" : "")"
      case .refused, .ended: end.map { "\($0)" } ?? ""
      }
    let sum = kind == .ended ? "; \(streams) streams, \(duration_ns / 1_000_000_000) s" : ""
    return "\(side) \(who) at \(peer): \(what)\(sum)"
  }
}

extension PeerConnectionEnd: CustomStringConvertible {
  /// One sentence without its full stop: which side, what, and what to check.
  var description: String {
    switch self {
    case .unreachable: "it cannot be reached; does a proxy run there, and does a firewall let port 15008 pass?"
    case .timedOut: "no handshake within 10 s; does a proxy listen there?"
    case .notAdmitted(let fault): "\(fault)"
    case .refused(let refusal): "it does not keep to HTTP/2: \(refusal.word)"
    case .closed: "closed by the peer"
    case .broken: "reset, or given up by the kernel"
    case .idle: "not needed any more"
    case .stalled(let unfinished): unfinished.text
    case .crowded: "its identity holds as much of this proxy as is left for others"
    case .crowding(let connections, let streams, let refused):
      "\(refused) more refused: by \(connections) connections with \(streams) requests and tunnels its identity holds as much of a "
        + "worker of this proxy as is left for others; does it need all of that, and is the limit of descriptors high enough?"
    case .distrusted:
      "no root that is believed now has signed its certificate, or a host has that lost the authority's role"
    }
  }

  /// The error number behind it; nil where there is none.
  var errno: Int32? {
    switch self {
    case .unreachable(let code), .broken(let code): code
    default: nil
    }
  }
}

extension Unfinished.Kind {
  /// One sentence without its full stop: what did not come in time, and what to check.
  fileprivate var text: String {
    let seconds = "\(limit / 4) s"
    return switch self {
    case .nothing: "it stopped"
    case .beginning: "no preface and settings of HTTP/2 within \(seconds); is it a proxy?"
    case .greeting:
      "no settings of HTTP/2 within \(seconds) of the handshake; is it a proxy that is stopped or overloaded?"
    case .list: "a header list was not whole within \(seconds); is its host overloaded?"
    case .frame: "nothing more of a frame for \(seconds); is its host, or the network to it, overloaded or gone?"
    }
  }
}
