/// The fields that no compression table remembers (RFC 7541 section 7.1.3): a connection between proxies carries the requests
/// of many clients, and one of them could learn another's secret by guessing it and watching how well the guess compresses.
enum SensitiveFields {
  /// Whether a field of that name, in lower case, is one of them, whatever its value.
  static func contain(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    switch name.count {
    case 6: equal(name, "cookie")
    case 10: equal(name, "set-cookie")
    case 13: equal(name, "authorization")
    case 19: equal(name, "proxy-authorization")
    default: false
    }
  }

  private static func equal(_ name: UnsafeBufferPointer<UInt8>, _ other: StaticString) -> Bool {
    other.withUTF8Buffer { name.elementsEqual($0) }
  }
}
