extension RequestTable {
  /// Whether a host, as it came and without a port, may be the name of a service: of one label or two, with one of the
  /// mesh's endings or none, each label as DNS has it (RFC 1123 section 2.1). `www.example.com` and addresses are not.
  public static func mayName(_ host: UnsafeRawBufferPointer) -> Bool {
    guard let name = MeshName(host) else { return false }
    return isLabel(name.service) && (name.namespace.map(isLabel) ?? true)
  }

  private static func isLabel(_ text: UnsafeRawBufferPointer) -> Bool {
    guard (1...63).contains(text.count), text[0] != UInt8(ascii: "-"), text[text.count - 1] != UInt8(ascii: "-") else {
      return false
    }
    return text.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
