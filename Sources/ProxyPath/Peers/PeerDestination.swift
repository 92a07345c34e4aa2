internal import HTTP2

/// Which port of a pod a peer's stream is for. A proxy of the mesh says it; of another one it is what the request names.
enum PeerDestination {
  /// The field by which proxies of the mesh say it: a number alone, for the address is the pod's own.
  static let field: StaticString = "x-weft-destination"

  /// The port; that of HTTP where nothing says it.
  static func port(of fields: PathFieldList) -> UInt16 {
    if let text = fields[field], let port = number(text[...]) { return port }
    if let authority = fields[":authority"], let colon = authority.lastIndex(of: UInt8(ascii: ":")),
      let port = number(authority[(colon + 1)...])
    {
      return port
    }
    return 80
  }

  private static func number(_ text: Slice<UnsafeRawBufferPointer>) -> UInt16? {
    guard !text.isEmpty, text.count <= 5 else { return nil }
    var number: UInt32 = 0
    for byte in text {
      guard byte &- 0x30 < 10 else { return nil }
      number = number * 10 + UInt32(byte &- 0x30)
    }
    return number > 0 ? UInt16(exactly: number) : nil
  }
}
