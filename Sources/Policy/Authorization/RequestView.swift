internal import HTTP1
internal import MeshModel

/// A request as an explanation sees it: everything copied out, so that the documents can be walked at leisure.
struct RequestView {
  /// An occurrence of a field.
  struct Occurrence {
    let name: [UInt8]
    let value: [UInt8]
    /// Whether it travels on, be it written anew.
    let isForwarded: Bool
  }

  let method: [UInt8]
  let path: [UInt8]
  let hazards: PathHazards
  /// In lower case, without a dot at its end.
  let host: [UInt8]
  /// With the port it names, or that of its scheme.
  let hostAndPort: [UInt8]
  let source: IPAddress
  let remote: IPAddress
  let destination: SocketAddress
  /// Without `spiffe://`; nil where the peer has shown none.
  let peer: [UInt8]?
  let peerNamespace: [UInt8]?
  let serverName: [UInt8]?
  let token: VerifiedToken?
  let fields: [Occurrence]

  init(_ head: borrowing RequestHead, _ facts: borrowing RequestFacts) {
    method = Array(head[head.methodRange])
    path = Array(facts.path)
    hazards = facts.hazards
    var host = facts.host.map(\.lowercasedASCII)
    if host.last == UInt8(ascii: ".") { host.removeLast() }
    self.host = host
    hostAndPort = host.isEmpty ? [] : host + ":\(head.port ?? 80)".utf8
    source = facts.source
    remote = facts.remote
    destination = facts.destination
    let scheme = Array("spiffe://".utf8)
    peer = facts.peer.map { $0.starts(with: scheme) ? Array($0.dropFirst(scheme.count)) : Array($0) }
    peerNamespace = facts.peerNamespace.map(Array.init)
    serverName = facts.serverName.map(Array.init)
    token = facts.token
    fields = (0..<head.fields.count).map { index in
      let field = head.fields[index]
      return Occurrence(
        name: head.fields.name(at: index).map(\.lowercasedASCII),
        value: Array(head.fields.value(at: index)),
        isForwarded: field.isKept || field.known.isRewritten
      )
    }
  }

  /// What a claim says as texts to compare: a text, or the texts of a list; empty for anything else.
  func claimTexts(_ path: [String]) -> [[UInt8]] {
    switch token?.claims[path] {
    case .text(let text)?:
      let isSpaced = CompiledRules.isSpaced(path)
      return isSpaced
        ? text.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init) : [Array(text.utf8)]
    case .list(let values)?: return values.compactMap { $0.text.map { Array($0.utf8) } }
    default: return []
    }
  }
}
