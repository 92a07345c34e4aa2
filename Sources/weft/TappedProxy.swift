import MeshModel

/// Where one has got to in the requests of one proxy.
struct TappedProxy {
  private let proxy: ProxySocket
  private let filter: TapFilter
  private var newest: UInt64
  private var leftOut: UInt64

  var name: String { proxy.name }

  /// Begins with the requests that end from now on.
  init(_ proxy: ProxySocket, _ filter: TapFilter) throws(CommandFailure) {
    let request = AdminRequest.tap(after: nil, limit: 1, filter)
    let reply = try proxy.client.get(request, as: TapReply.self)
    self.proxy = proxy
    self.filter = filter
    newest = reply.newest
    leftOut = reply.leftOut
  }

  /// What came since the last look. What is missing is told on standard error.
  mutating func next() throws(CommandFailure) -> [RequestReport] {
    let request = AdminRequest.tap(after: newest, limit: AdminRequest.defaultTapLimit, filter)
    let reply = try proxy.client.get(request, as: TapReply.self)
    for line in missing(reply) { StandardError.write("weft: \(line)") }
    newest = reply.newest
    leftOut = reply.leftOut
    return reply.requests
  }

  /// What cannot be shown, and why.
  func missing(_ reply: TapReply) -> [String] {
    var lines: [String] = []
    if reply.newest < newest { lines.append("proxy \(name) was started anew: what ended meanwhile is not shown") }
    if reply.lost > 0 {
      lines.append("proxy \(name): \(Self.requests(reply.lost)) made room for newer ones before this weft asked")
    }
    if reply.leftOut > leftOut {
      let count = Self.requests(reply.leftOut - leftOut)
      lines.append("proxy \(name): \(count) not kept, since there were too many in a second; a scrape counts all")
    }
    return lines
  }

  private static func requests(_ number: UInt64) -> String {
    Amounts.count(Int(clamping: number), "request", "requests")
  }
}
