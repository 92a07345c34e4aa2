internal import Foundation
internal import MeshModel

/// IP addresses as four or sixteen bytes in network order, as records and pushes carry them.
enum WireAddress {
  static func bytes(_ address: IPAddress) -> Data {
    if address.isIPv4 { return withUnsafeBytes(of: address.v4.bigEndian) { Data($0) } }
    return withUnsafeBytes(of: (address.high.bigEndian, address.low.bigEndian)) { Data($0) }
  }

  static func address(_ bytes: Data) -> IPAddress? {
    func word(_ part: Data) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: return IPAddress(v4: UInt32(word(bytes)))
    case 16: return IPAddress(high: word(bytes.prefix(8)), low: word(bytes.suffix(8)))
    default: return nil
    }
  }
}
