/// A request that nobody sends, and who would send it which way: what `weft explain --request` asks about.
public struct RequestQuestion: Hashable, Sendable {
  /// Seen from the workload.
  public let direction: Direction
  /// The request.
  public let request: ImaginedRequest
  /// Who would send it to the workload. Of an outbound request it says nothing: the workload itself does.
  public let source: IPAddress?
  /// The identity that the sender shows by mutual TLS; nil: none. Of an outbound request it says nothing.
  public let identity: SPIFFEID?

  /// A question.
  public init(
    _ direction: Direction,
    _ request: ImaginedRequest,
    source: IPAddress? = nil,
    identity: SPIFFEID? = nil
  ) {
    self.direction = direction
    self.request = request
    self.source = source
    self.identity = identity
  }

  /// What is missing of a question that cannot be answered, as a clause; nil where nothing is.
  public var problem: String? {
    guard direction == .inbound else {
      return identity == nil ? nil : "an outbound request is the workload's own: nobody else can be who sends it"
    }
    if source == nil { return "from is missing: who dials the workload?" }
    return request.destination == nil ? "to is missing: which address and port of the workload are dialled?" : nil
  }
}

extension ImaginedRequest {
  /// What follows `http` and the method in a question.
  public var url: String { "http://\(authority)\(target)" }

  /// The address that the host is, where it is one; the port is 80 where none is named.
  public var hostAddress: SocketAddress? {
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let ip = IPAddress(isBracketed ? String(host.dropFirst().dropLast()) : host), ip.isIPv4 != isBracketed else {
      return nil
    }
    return SocketAddress(ip, port: port ?? 80)
  }

  /// The head as it would come over the wire (RFC 9112), whatever is wrong with it.
  public var head: [UInt8] {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: \(authority)\r\n"
    for header in headers { text += "\(header.name): \(header.value)\r\n" }
    return Array((text + "\r\n").utf8)
  }
}

extension ImaginedRequest.Header {
  /// Reads `name: value`; nil where there is no name before a colon.
  public init?(line: String) {
    guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return nil }
    self.init(String(line[..<colon]), String(line[line.index(after: colon)...]))
  }
}
