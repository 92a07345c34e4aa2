public import MeshModel

/// What resolv.conf(5) says: whom to ask, and how. Read as glibc reads it: what it does not understand is passed over,
/// since a host's resolvers shall not be lost to one odd line.
public struct ResolverConfiguration: Hashable, Sendable {
  /// The servers, in the order to ask them; 127.0.0.1 where the file names none.
  public var servers: [SocketAddress] = []
  /// The domains that names of few dots are tried with; the last `search` or `domain` line wins.
  public var search: [DomainName] = []
  /// Dots from which on a name is tried as it is first.
  public var ndots = 1
  /// How long one server has to answer, in seconds.
  public var timeout_s = 5
  /// How often each server is asked.
  public var attempts = 2
  /// Whether queries are spread over the servers.
  public var rotates = false
  /// Words of `options`, servers and domains that were not understood or too many, up to `maxIgnored`.
  public private(set) var ignored: [String] = []

  /// More than anyone reads.
  public static let maxIgnored = 16
  /// Where servers listen.
  public static let port: UInt16 = 53

  /// What glibc takes without a file.
  public init() { servers = [SocketAddress(IPAddress(v4: 0x7f00_0001), port: Self.port)] }

  /// Reads the file. `interfaceIndex` gives the number of the interface behind the `%` of a link-local server; without
  /// it only numbers are understood.
  public init(_ bytes: [UInt8], interfaceIndex: (String) -> UInt32? = { UInt32($0) }) {
    self.init()
    var found: [SocketAddress] = []
    let text = String(decoding: bytes.prefix(ResolverLimit.fileBytes), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      // A keyword starts its line; what is indented is passed over, as by glibc.
      guard let first = line.first, first != "#", first != ";", !first.isWhitespace else { continue }
      let words = line.split(whereSeparator: \.isWhitespace)
      guard let keyword = words.first else { continue }
      switch keyword {
      case "nameserver":
        guard let word = words.dropFirst().first else { continue }
        if let server = Self.server(word, interfaceIndex), found.count < ResolverLimit.servers {
          found.append(server)
        } else {
          ignore(word)
        }
      case "domain": setSearch(words.dropFirst().prefix(1))
      case "search": setSearch(words.dropFirst())
      case "options": for word in words.dropFirst() { takeOption(word) }
      default: break
      }
    }
    if !found.isEmpty { servers = found }
  }

  private static func server(_ word: Substring, _ interfaceIndex: (String) -> UInt32?) -> SocketAddress? {
    let parts = word.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(String(parts[0])) else { return nil }
    guard parts.count == 2 else { return SocketAddress(address, port: port) }
    guard address.isLinkLocalIPv6, let scope = interfaceIndex(String(parts[1])) else { return nil }
    return SocketAddress(address, port: port, scope: scope)
  }

  private mutating func setSearch(_ words: ArraySlice<Substring>) {
    guard !words.isEmpty else { return }
    search = []
    for word in words {
      if search.count < ResolverLimit.searchDomains, let name = DomainName(String(word)) {
        search.append(name)
      } else {
        ignore(word)
      }
    }
  }

  private mutating func takeOption(_ word: Substring) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    // glibc reads numbers by atoi: none is 0, and what follows the digits is passed over.
    let number = parts.count == 2 ? Int(parts[1].prefix { $0.isASCII && $0.isNumber }.prefix(4)) ?? 0 : nil
    switch (parts[0], number) {
    case ("ndots", let number?): ndots = min(number, ResolverLimit.ndots)
    case ("timeout", let number?): timeout_s = min(max(number, 1), ResolverLimit.timeout_s)
    case ("attempts", let number?): attempts = min(max(number, 1), ResolverLimit.attempts)
    case ("rotate", nil): rotates = true
    default: ignore(word)
    }
  }

  private mutating func ignore(_ word: Substring) {
    if ignored.count < Self.maxIgnored { ignored.append(String(word.prefix(DNSLimit.nameBytes))) }
  }
}
