/// One port or a run of them, both ends included; never empty and never port 0.
struct PortRange: Hashable, Sendable {
  let first: UInt16
  let last: UInt16

  /// Nil where the ends are swapped or port 0 is among them.
  init?(_ first: UInt16, _ last: UInt16) {
    guard first > 0, first <= last else { return nil }
    self.first = first
    self.last = last
  }

  private init(unchecked port: UInt16) { (first, last) = (port, port) }

  /// Ports of the mesh (design.md section 1), known to be valid.
  static let outbound = PortRange(unchecked: 15001)
  static let inbound = PortRange(unchecked: 15006)
  static let transport = PortRange(unchecked: 15008)
  static let metrics = PortRange(unchecked: 15020)
  static let health = PortRange(unchecked: 15021)
  static let names = PortRange(unchecked: 15053)
  static let dns = PortRange(unchecked: 53)
  static let quic = PortRange(unchecked: 443)

  /// Whether `port` lies in the run.
  func contains(_ port: UInt16) -> Bool { first <= port && port <= last }

  /// Whether the two share a port.
  func overlaps(_ other: PortRange) -> Bool { first <= other.last && other.first <= last }

  /// As iptables matches it: `80` or `9000:9010`.
  var matchText: String { first == last ? "\(first)" : "\(first):\(last)" }
}

extension PortRange: LosslessStringConvertible {
  /// Parses `80` or `9000-9010`; nil for anything else.
  init?(_ text: String) {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.port)
    switch ends.count {
    case 1: if let port = ends[0] { self.init(port, port) } else { return nil }
    case 2: if let first = ends[0], let last = ends[1] { self.init(first, last) } else { return nil }
    default: return nil
    }
  }

  /// Digits only: `UInt16("+80")` would pass otherwise.
  private static func port(_ digits: Substring) -> UInt16? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(digits) : nil
  }

  /// As users write it: `80` or `9000-9010`.
  var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}
