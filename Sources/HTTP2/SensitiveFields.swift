/// The fields that no compression table remembers (RFC 7541 section 7.1.3): a connection between proxies carries the requests
/// of many clients, and one of them could learn another's secret by guessing it and watching how well the guess compresses.
enum SensitiveFields {
  /// Whether a field of that name, in lower case, is one of them, whatever its value.
  static func contain(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let name = UnsafeRawBufferPointer(name)
    return switch name.count {
    case 6: name.spells("cookie")
    case 10: name.spells("set-cookie")
    case 13: name.spells("authorization")
    case 19: name.spells("proxy-authorization")
    default: false
    }
  }
}
