/// The fields that no compression table remembers, whatever their value.
///
/// Secrets (RFC 7541 section 7.1.3): a connection between proxies carries the requests of many clients, and one of them could
/// learn another's by guessing it and watching how well the guess compresses. And what is another with each request: a table
/// of 4 KiB that takes it in loses within twenty requests all that does come again, on both sides.
enum UnindexedFields {
  /// Whether a field of that name, in lower case, is one of them.
  static func contain(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    let name = UnsafeRawBufferPointer(name)
    return switch name.count {
    case 6: name.spells("cookie")
    case 10: name.spells("set-cookie")
    case 11: name.spells("traceparent") || name.spells("x-b3-spanid")
    case 12: name.spells("x-request-id") || name.spells("x-b3-traceid")
    case 13: name.spells("authorization")
    case 19: name.spells("proxy-authorization")
    default: false
    }
  }
}
