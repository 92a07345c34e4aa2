internal import MeshModel

/// Reads one entry of a rule's `ports`.
enum PortReader {
  /// The ports; nil after an error.
  static func read(_ field: Field) -> PortMatch? {
    guard let fields = field.object(["protocol", "port", "endPort"]) else { return nil }
    let transport = fields["protocol"].map(transport) ?? .tcp
    let first = fields["port"].map(port)
    let last = fields["endPort"].map(port)
    if let last = fields["endPort"], fields["port"] == nil {
      last.error("needs a port to start from; write port: ... before it")
      return nil
    }
    guard let transport else { return nil }
    guard let first else { return PortMatch(transport) }
    guard let first, let last = last ?? first else { return nil }
    guard first <= last else {
      fields["endPort"]?.error("\(last) is less than port \(first)")
      return nil
    }
    return PortMatch(transport, first...last)
  }

  private static func transport(_ field: Field) -> Transport? {
    guard let text = field.text() else { return nil }
    guard let transport = Transport(rawValue: text) else {
      let clause = Suggestion.clause(for: text, among: Transport.allCases.map(\.rawValue))
      field.error("\"\(text)\" is no protocol; \(clause)")
      return nil
    }
    if transport != .tcp { field.warning("the proxy sees TCP only; \(text) ports are not enforced yet") }
    return transport
  }

  private static func port(_ field: Field) -> UInt16? {
    if let name = field.word, Int(name) == nil {
      field.error("named ports are not supported, since a proxy sees numbers; write the number of \"\(name)\"")
      return nil
    }
    guard let number = field.integer() else { return nil }
    guard let port = UInt16(exactly: number), port > 0 else {
      field.error("\(number) is not a port; ports are 1 to 65535")
      return nil
    }
    return port
  }
}
