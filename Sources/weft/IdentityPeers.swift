import ArgumentParser
import Glibc
import MeshModel

/// `weft identity peers`: with whom do proxies keep connections, and who have they proved to be?
struct IdentityPeers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers",
    abstract: "Lists the connections between proxies: who, TLS version, resumed or not, age, streams, certificate."
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  @OptionGroup var most: LimitOption

  func run() throws {
    let told = try options.ask(.peers(limit: most.limit), as: PeerList.self)
    let lists = told.answers.map {
      ProxyPeers(proxy: $0.proxy, peers: $0.answer.peers, isTruncated: $0.answer.truncated)
    }
    let now_s = Int64(time(nil))
    try format.output.print(lists) { ProxyPeers.text(lists, $0, now_s: now_s) }
    for list in lists where list.isTruncated { LimitOption.warn(list.proxy, toldOnly: list.peers.count) }
    if let failure = told.failure { throw failure }
  }
}

/// The connections of one proxy to and from others.
struct ProxyPeers: Encodable, Equatable {
  let proxy: String
  let peers: [PeerReport]
  let isTruncated: Bool

  static func text(_ lists: [ProxyPeers], _ style: Style, now_s: Int64) -> String {
    guard lists.contains(where: { !$0.peers.isEmpty }) else { return "no connections between proxies\n" }
    var table = TextTable([
      "PROXY", "DIRECTION", "PEER", "IDENTITY", "STATE", "TLS", "AGE", "STREAMS", "ALL STREAMS", "CERTIFICATE ENDS",
    ])
    for list in lists {
      for peer in list.peers { table.add([list.proxy] + cells(peer, now_s: now_s)) }
    }
    return table.text(style)
  }

  private static func cells(_ peer: PeerReport, now_s: Int64) -> [String] {
    [
      peer.direction.rawValue, "\(peer.address)",
      peer.identity ?? peer.expectedIdentity.map { "not yet \($0)" } ?? "", peer.state.rawValue,
      peer.tlsVersion.map { peer.isResumed == true ? "\($0) resumed" : $0 } ?? "",
      Amounts.duration(milliseconds: peer.ageMs), "\(peer.streams)", "\(peer.streamsTotal)",
      peer.certificateNotAfterS.map { end(of: $0, now_s: now_s) } ?? "",
    ]
  }

  /// A connection outlives the certificate that it began with, for a while.
  private static func end(of notAfter_s: Int64, now_s: Int64) -> String {
    let left_s = notAfter_s - now_s
    let span = Amounts.duration(milliseconds: abs(left_s) * 1000)
    return left_s > 0 ? "in \(span)" : "\(span) ago"
  }
}
