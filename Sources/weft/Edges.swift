import ArgumentParser
import MeshDocuments
import MeshModel

/// `weft edges`: who talks with whom, and is it secured?
struct Edges: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows who talks with whom, who both have proved to be, and what goes in plain text and why.",
    discussion: """
      Counted by the proxies of this host since they started: requests as they are sent, other connections once. Where both \
      ends have a proxy here, an edge is one line. Edges that nobody used for ten minutes may make room for others.
      """
  )

  /// How it is printed: with `wide` to the last byte, or for programs.
  enum Format: String, ExpressibleByArgument, CaseIterable { case table, wide, json, yaml }

  @OptionGroup var options: ProxyOptions

  @Option(name: .shortAndLong, help: "How to print: table, wide, json or yaml.")
  var output: Format = .table

  @Flag(help: "Only what goes in plain text between two of the mesh.")
  var plain = false

  func run() throws {
    let told = try options.ask(.edges, as: EdgeList.self)
    var rows: [EdgeRow] = []
    for (proxy, list) in told.answers {
      for edge in list.edges { EdgeRow.add(edge, of: proxy, to: &rows) }
      if list.folded > 0 {
        StandardError.write("weft: proxy \(proxy) has no room for more edges: \(list.folded) uses are not shown")
      }
    }
    let shown = rows.filter { !plain || $0.isPlainWithinMesh }.sorted(by: EdgeRow.isBefore)
    switch output {
    case .table, .wide: print(EdgesText(rows: shown, isWide: output == .wide).text(.ofStandardOutput), terminator: "")
    case .json: print(String(decoding: try AdminJSON.encode(shown, pretty: true), as: UTF8.self))
    case .yaml: print(try YAMLText.encode(shown), terminator: "")
    }
    if let failure = told.failure { throw failure }
  }
}

/// An edge as one or both of its ends have seen it.
struct EdgeRow: Encodable, Equatable {
  let source: IPAddress
  private(set) var sourceService: String?
  let destination: SocketAddress
  private(set) var destinationService: String?
  private(set) var clientIdentity: String?
  private(set) var serverIdentity: String?
  let security: EdgeReport.Security
  private(set) var reason: String
  private(set) var isPlainWithinMesh: Bool
  /// The most that one end has counted: both count the same uses.
  private(set) var requests: UInt64
  private(set) var connections: UInt64
  private(set) var lastUsedMs: Int64
  /// The proxies that have counted it.
  private(set) var seenBy: [String]

  private init(_ edge: EdgeReport, of proxy: String) {
    source = edge.source
    sourceService = edge.sourceService
    destination = edge.destination
    destinationService = edge.destinationService
    clientIdentity = edge.clientIdentity
    serverIdentity = edge.serverIdentity
    security = edge.security
    reason = edge.reason
    isPlainWithinMesh = edge.isPlainWithinMesh
    requests = edge.requests
    connections = edge.connections
    lastUsedMs = edge.lastUsedMs
    seenBy = [proxy]
  }

  /// Takes in what one proxy tells; its other end may be there already.
  static func add(_ edge: EdgeReport, of proxy: String, to rows: inout [EdgeRow]) {
    guard let place = rows.firstIndex(where: { $0.isOther(end: edge, of: proxy) }) else {
      return rows.append(EdgeRow(edge, of: proxy))
    }
    rows[place].take(edge, of: proxy)
  }

  /// Whether the same bytes were seen at the other end. One proxy's own edges are all different.
  private func isOther(end edge: EdgeReport, of proxy: String) -> Bool {
    source == edge.source && destination == edge.destination && security == edge.security
      && clientIdentity == edge.clientIdentity && serverIdentity == edge.serverIdentity && seenBy != [proxy]
  }

  private mutating func take(_ edge: EdgeReport, of proxy: String) {
    sourceService = sourceService ?? edge.sourceService
    destinationService = destinationService ?? edge.destinationService
    if edge.isPlainWithinMesh, !isPlainWithinMesh { (reason, isPlainWithinMesh) = (edge.reason, true) }
    requests = max(requests, edge.requests)
    connections = max(connections, edge.connections)
    lastUsedMs = min(lastUsedMs, edge.lastUsedMs)
    seenBy.append(proxy)
  }

  /// What is to be looked at first, then the busiest.
  static func isBefore(_ left: EdgeRow, _ right: EdgeRow) -> Bool {
    if left.isPlainWithinMesh != right.isPlainWithinMesh { return left.isPlainWithinMesh }
    let (leftUses, rightUses) = (left.requests &+ left.connections, right.requests &+ right.connections)
    if leftUses != rightUses { return leftUses > rightUses }
    return (left.source, "\(left.destination)") < (right.source, "\(right.destination)")
  }
}
