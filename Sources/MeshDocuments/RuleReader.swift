internal import MeshModel

/// Reads one rule of `ingress` or `egress`.
enum RuleReader {
  /// The rule; nil after an error.
  static func read(_ field: Field, _ direction: Direction) -> NetworkPolicy.Rule? {
    let peersField = direction.peersField
    let other = direction == .inbound ? "to" : "from"
    let advice = [other: "an \(direction.policyField) rule has \"\(peersField)\", not \"\(other)\""]
    guard let fields = field.object([peersField, "ports"], advice: advice) else { return nil }
    let blocks = all(fields[peersField], SnapshotLimits.maxIPBlocks, peer)
    let ports = all(fields["ports"], SnapshotLimits.maxPorts, PortReader.read)
    guard let blocks, let ports else { return nil }
    return NetworkPolicy.Rule(ipBlocks: blocks, ports: ports)
  }

  /// Every entry of a list read; nil if one could not be, empty if there is no list.
  private static func all<Value>(_ field: Field?, _ limit: Int, _ read: (Field) -> Value?) -> [Value]? {
    guard let field else { return [] }
    guard let entries = field.list(limit: limit) else { return nil }
    let values = entries.map(read)
    return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
  }

  private static func peer(_ field: Field) -> IPBlock? {
    let reason = "is not supported yet, since a proxy sees addresses, not pods; write ipBlock: {cidr: ...}"
    let advice = ["podSelector": reason, "namespaceSelector": reason]
    guard let fields = field.object(["ipBlock"], advice: advice) else { return nil }
    guard let block = fields["ipBlock"] else {
      // An unknown key was already said to be wrong; an empty peer was not.
      if field.isEmpty { field.error("names no peer; wanted is ipBlock: {cidr: ...}") }
      return nil
    }
    return ipBlock(block)
  }

  private static func ipBlock(_ field: Field) -> IPBlock? {
    guard let fields = field.object(["cidr", "except"]) else { return nil }
    if fields["cidr"] == nil { field.error("cidr is missing; wanted is cidr: 10.0.0.0/8 or the like") }
    let holes = all(fields["except"], SnapshotLimits.maxExceptions) { hole in prefix(hole).map { (hole, $0) } }
    guard let cidr = fields["cidr"].flatMap(prefix), let holes else { return nil }
    var isRight = true
    for (hole, inner) in holes where !cidr.contains(inner) || cidr == inner {
      hole.error("\(inner) is not a smaller block within \(cidr)")
      isRight = false
    }
    return isRight ? IPBlock(cidr, except: holes.map(\.1)) : nil
  }

  private static func prefix(_ field: Field) -> IPPrefix? {
    guard let text = field.text() else { return nil }
    guard let prefix = IPPrefix(text) else {
      let hint = IPAddress(text).map { "; did you mean \($0)/\($0.isIPv4 ? 32 : 128)?" } ?? ""
      field.error("\"\(text)\" is not a CIDR block such as 10.0.0.0/8 or 2001:db8::/32\(hint)")
      return nil
    }
    if let address = text.split(separator: "/").first.flatMap({ IPAddress(String($0)) }), address != prefix.network {
      field.warning("\(text) has bits beyond its length; it means \(prefix)")
    }
    return prefix
  }
}
