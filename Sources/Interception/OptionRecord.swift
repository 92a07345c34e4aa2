internal import MeshModel

/// The options as words of `name=value`, kept as comments in the kernel beside the rules they made.
///
/// The record commits in one transaction with the rules, survives a lost /run, and goes when they go.
enum OptionRecord {
  static let prefix = "weft options"

  /// Room that a comment leaves for words after `weft options NN/NN: `.
  static let lineBytes = Rule.longestComment - 24

  /// The words in as few lines as comments hold; none is longer than a line, lists being one word per element.
  static func lines(_ options: CaptureOptions, _ mode: FamilyPlan.Mode) -> [String] {
    var lines: [String] = []
    for word in ["mode=\(mode.rawValue)"] + words(options) {
      if let last = lines.last, last.utf8.count + 1 + word.utf8.count <= lineBytes {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  private static func words(_ options: CaptureOptions) -> [String] {
    func list(_ name: String, _ values: [some LosslessStringConvertible]) -> [String] {
      values.map { "\(name)=\($0)" }
    }
    func selection<Element>(_ name: String, _ selection: CaptureOptions.Selection<Element>) -> [String]
    where Element: LosslessStringConvertible {
      switch selection {
      case .all: []
      case .only(let values): values.isEmpty ? ["\(name)=none"] : list(name, values)
      }
    }
    return list("proxy-uid", options.proxyUsers) + list("proxy-gid", options.proxyGroups)
      + list("proxy-mark", options.proxyMarks)
      + ["outbound-port=\(options.outboundPort)", "inbound-ports=\(options.inboundPorts)"]
      + selection("include-inbound-ports", options.includeInboundPorts)
      + list("exclude-inbound-ports", options.excludeInboundPorts)
      + selection("include-outbound-cidrs", options.includeOutboundPrefixes)
      + list("include-outbound-ports", options.includeOutboundPorts)
      + list("exclude-outbound-ports", options.excludeOutboundPorts)
      + list("exclude-outbound-cidrs", options.excludeOutboundPrefixes)
      + list("exclude-interfaces", options.excludeInterfaces) + list("virtual-interfaces", options.virtualInterfaces)
      + list("exclude-uids", options.excludeUsers) + list("exclude-gids", options.excludeGroups)
      + (options.nonTCP == .allow ? [] : ["non-tcp=\(options.nonTCP.rawValue)"])
      + selection("resolvers", options.resolvers)
      + (options.captureDNS ? ["capture-dns"] : [])
      + (options.refuseQUIC ? ["refuse-quic"] : []) + (options.dropInvalid ? ["drop-invalid"] : [])
      + (options.families == .auto ? [] : ["family=\(options.families.rawValue)"])
  }

  /// Reads the comments of a record, in order; nil where they are not one that this version can read.
  static func read(_ comments: [String]) -> (options: CaptureOptions, mode: FamilyPlan.Mode)? {
    var options = CaptureOptions()
    options.proxyUsers = []
    var mode: FamilyPlan.Mode?
    for comment in comments {
      guard comment.hasPrefix("\(prefix) "), let colon = comment.firstIndex(of: ":") else { return nil }
      for word in comment[comment.index(after: colon)...].split(separator: " ") {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        if parts.first == "mode", parts.count == 2 {
          mode = FamilyPlan.Mode(rawValue: parts[1])
        } else if !set(&options, parts[0], parts.count == 2 ? parts[1] : "") {
          return nil
        }
      }
    }
    return mode.map { (options, $0) }
  }

  private static func set(_ options: inout CaptureOptions, _ name: String, _ value: String) -> Bool {
    switch name {
    case "proxy-uid": append(value, to: &options.proxyUsers)
    case "proxy-gid": append(value, to: &options.proxyGroups)
    case "proxy-mark": append(value, to: &options.proxyMarks)
    case "outbound-port": replace(&options.outboundPort, PortRange(value))
    case "inbound-ports": replace(&options.inboundPorts, PortRange(value))
    case "include-inbound-ports": append(value, to: &options.includeInboundPorts)
    case "exclude-inbound-ports": append(value, to: &options.excludeInboundPorts)
    case "include-outbound-cidrs": append(value, to: &options.includeOutboundPrefixes)
    case "include-outbound-ports": append(value, to: &options.includeOutboundPorts)
    case "exclude-outbound-ports": append(value, to: &options.excludeOutboundPorts)
    case "exclude-outbound-cidrs": append(value, to: &options.excludeOutboundPrefixes)
    case "exclude-interfaces": append(value, to: &options.excludeInterfaces)
    case "virtual-interfaces": append(value, to: &options.virtualInterfaces)
    case "exclude-uids": append(value, to: &options.excludeUsers)
    case "exclude-gids": append(value, to: &options.excludeGroups)
    case "non-tcp": replace(&options.nonTCP, CaptureOptions.NonTCP(rawValue: value))
    case "resolvers": append(value, to: &options.resolvers)
    case "capture-dns": replace(&options.captureDNS, true)
    case "refuse-quic": replace(&options.refuseQUIC, true)
    case "drop-invalid": replace(&options.dropInvalid, true)
    case "family": replace(&options.families, CaptureOptions.Families(rawValue: value))
    default: false
    }
  }

  private static func append<T: LosslessStringConvertible>(_ text: String, to list: inout [T]) -> Bool {
    guard let value = T(text) else { return false }
    list.append(value)
    return true
  }

  private static func append<T: LosslessStringConvertible & Hashable & Sendable>(
    _ text: String,
    to selection: inout CaptureOptions.Selection<T>
  ) -> Bool {
    var list: [T] = if case .only(let values) = selection { values } else { [] }
    guard text == "none" || append(text, to: &list) else { return false }
    selection = .only(list)
    return true
  }

  private static func replace<T>(_ place: inout T, _ value: T?) -> Bool {
    guard let value else { return false }
    place = value
    return true
  }
}
