/// Which requests a tap shows: those for which everything that is said here is true.
public struct TapFilter: Hashable, Sendable {
  /// The method, in any case.
  public var method: String?
  /// What the path begins with.
  public var path: String?
  /// The host, in any case; without a port it means every port.
  public var authority: String?
  /// The status or the class of it.
  public var status: Status?
  /// `namespace/name:port`; the namespace and the port may be left out.
  public var service: String?
  /// Who dialled.
  public var source: IPAddress?
  /// Seen from the workload.
  public var direction: Direction?
  /// Only what was denied or failed.
  public var isOnlyErrors: Bool

  /// A status as people ask for it.
  public enum Status: Hashable, Sendable, LosslessStringConvertible {
    /// `404`.
    case exactly(UInt16)
    /// `4xx`: the first digit.
    case every(UInt16)
    /// `none`: the client was not answered.
    case none

    /// Reads `404`, `4xx` or `none`.
    public init?(_ text: String) {
      if text == "none" {
        self = .none
      } else if let code = UInt16(text), text.utf8.count == 3, (100...599).contains(code) {
        self = .exactly(code)
      } else if text.utf8.count == 3, text.hasSuffix("xx"), let digit = UInt16(text.prefix(1)), (1...5).contains(digit)
      {
        self = .every(digit)
      } else {
        return nil
      }
    }

    /// As `init` reads it.
    public var description: String {
      switch self {
      case .exactly(let code): "\(code)"
      case .every(let digit): "\(digit)xx"
      case .none: "none"
      }
    }

    func takes(_ status: UInt16?) -> Bool {
      switch self {
      case .exactly(let code): status == code
      case .every(let digit): status.map { $0 / 100 == digit } ?? false
      case .none: status == nil
      }
    }
  }

  /// A filter; by default it takes every request.
  public init(
    method: String? = nil,
    path: String? = nil,
    authority: String? = nil,
    status: Status? = nil,
    service: String? = nil,
    source: IPAddress? = nil,
    direction: Direction? = nil,
    isOnlyErrors: Bool = false
  ) {
    self.method = method
    self.path = path
    self.authority = authority
    self.status = status
    self.service = service
    self.source = source
    self.direction = direction
    self.isOnlyErrors = isOnlyErrors
  }

  /// Whether the request is to be shown.
  public func takes(_ request: RequestReport) -> Bool {
    if let method, method.uppercased() != request.method.uppercased() { return false }
    // By bytes: a prefix of characters would not match where a combining mark follows it.
    if let path, !request.path.utf8.starts(with: path.utf8) { return false }
    if let authority, !Self.names(request.authority, authority) { return false }
    if let status, !status.takes(request.status) { return false }
    if let service, !Self.isCalled(request.service, service) { return false }
    if let source, source != request.source.ip { return false }
    if let direction, direction != request.direction { return false }
    return !isOnlyErrors || request.outcome != .ok
  }

  private static func names(_ authority: String, _ wanted: String) -> Bool {
    let (authority, wanted) = (authority.lowercased(), wanted.lowercased())
    return authority == wanted || withoutPort(authority) == wanted
  }

  private static func isCalled(_ service: String?, _ wanted: String) -> Bool {
    guard let service else { return wanted == "unknown" }
    let name = service.split(separator: "/").last.map(String.init) ?? service
    return [service, withoutPort(service), name, withoutPort(name)].contains(wanted)
  }

  /// `host` of `host:port`; an IPv6 address keeps its brackets.
  private static func withoutPort(_ text: String) -> String {
    guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") else { return text }
    return String(text[..<colon])
  }
}
