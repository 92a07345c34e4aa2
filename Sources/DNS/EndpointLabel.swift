internal import MeshModel

/// The label of one endpoint of a service without a virtual address, to which its SRV records lead:
/// `10-0-0-1`, or eight groups such as `fd00-0-0-0-0-0-0-1`, neither with zeros before a number.
enum EndpointLabel {
  static func text(_ address: IPAddress) -> String {
    if address.isIPv4 { return address.description.replacing(".", with: "-") }
    let words = [address.high, address.low].flatMap { word in
      stride(from: 48, through: 0, by: -16).map { String(word >> UInt64($0) & 0xffff, radix: 16) }
    }
    return words.joined(separator: "-")
  }

  /// The address of a label in lower case; nil where `text` would not write it.
  static func address(_ label: String) -> IPAddress? {
    let parts = label.split(separator: "-", omittingEmptySubsequences: false)
    let address = IPAddress(parts.joined(separator: parts.count == 4 ? "." : ":"))
    guard let address, text(address) == label else { return nil }
    return address
  }
}

extension String {
  fileprivate func replacing(_ one: Character, with other: Character) -> String {
    String(map { $0 == one ? other : $0 })
  }
}
