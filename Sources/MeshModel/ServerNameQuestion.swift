/// A connection of a program that speaks TLS itself, and that nobody opens: what `weft explain --sni` asks about.
public struct ServerNameQuestion: Codable, Hashable, Sendable {
  /// The name that its hello asks for (RFC 6066 section 3); empty where it asks for none.
  public let name: String
  /// The port that it dials.
  public let port: UInt16
  /// Where it connects to; nil: to an address that is no service's.
  public let destination: SocketAddress?

  /// Bytes of a name that a proxy keeps of a hello: a DNS name has at most 253.
  public static let maxNameBytes = 255
  /// The port of TLS where nobody says another (RFC 9110 section 4.2.2).
  public static let usualPort: UInt16 = 443

  /// A hello that asks for `name`, on a connection to `destination`, or to `port` of who knows where.
  public init(
    _ name: String,
    port: UInt16? = nil,
    to destination: SocketAddress? = nil
  ) throws(ServerNameQuestionError) {
    // A proxy compares bytes: what is not ASCII is nobody's, and a service's name is never written so.
    guard name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .notASCII(name) }
    guard name.utf8.count <= Self.maxNameBytes else { throw .tooLong(name.utf8.count) }
    guard !name.isEmpty || destination != nil else { throw .nowhere }
    if let port, let destination, destination.port != port { throw .twoPorts(port, destination) }
    let dialled = destination?.port ?? port ?? Self.usualPort
    guard dialled > 0 else { throw .noPort }
    self.name = name
    self.port = dialled
    self.destination = destination
  }

  /// The same from `NAME` or `NAME:PORT`.
  public init(text: String, to destination: SocketAddress? = nil) throws(ServerNameQuestionError) {
    guard let colon = text.lastIndex(of: ":") else {
      try self.init(text, to: destination)
      return
    }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { throw .port(text) }
    try self.init(String(text[..<colon]), port: port, to: destination)
  }

  /// The name as it is compared: in lower case, without a dot at its end.
  public var comparedName: String {
    let lower = name.lowercased()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }
}

/// Why a question about a TLS client could not be meant.
public enum ServerNameQuestionError: Error, Hashable, Sendable, CustomStringConvertible {
  case notASCII(String)
  case tooLong(Int)
  case nowhere
  case noPort
  case port(String)
  case twoPorts(UInt16, SocketAddress)

  /// One sentence: what was wrong and what would be right.
  public var description: String {
    switch self {
    case .notASCII(let name):
      "\"\(name)\" is not what a hello asks for: visible ASCII letters, other alphabets as xn--... (RFC 6066 section 3)"
    case .tooLong(let count): "a name of \(count) bytes is longer than any: \(ServerNameQuestion.maxNameBytes) at most"
    case .nowhere: "who asks for no name goes where it dials: say where by to, an ADDRESS:PORT"
    case .noPort: "port 0 cannot be dialled; ports are from 1 to 65535"
    case .port(let text): "\"\(text)\" has no port from 1 to 65535 after its colon; wanted is NAME or NAME:PORT"
    case .twoPorts(let port, let destination): "port \(port) is not that of \(destination), which is what is dialled"
    }
  }
}
