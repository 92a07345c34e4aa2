/// Certificates that stand one behind the other in DER, as the SPIFFE Workload API sends chains and bundles
/// (SPIFFE_Workload_API section 5.2.1).
public enum CertificateList {
  /// The tag of SEQUENCE, which every certificate is (X.690 section 8.9, RFC 5280 section 4.1).
  private static let sequence: UInt8 = 0x30

  /// Each by itself; nil where the bytes are anything else, or are of more than `limit`.
  public static func split(_ bytes: [UInt8], limit: Int) -> [[UInt8]]? {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard parts.count < limit, let count = length(rest), count <= rest.count else { return nil }
      parts.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return parts
  }

  /// Bytes of the value that begins here, its header included (X.690 section 8.1.3). Lengths of three bytes and more are of
  /// no certificate that is taken.
  private static func length(_ bytes: ArraySlice<UInt8>) -> Int? {
    let head = Array(bytes.prefix(4))
    guard head.count >= 2, head[0] == sequence else { return nil }
    switch head[1] {
    case 0..<0x80: return 2 + Int(head[1])
    case 0x81 where head.count >= 3: return 3 + Int(head[2])
    case 0x82 where head.count == 4: return 4 + Int(head[2]) << 8 + Int(head[3])
    default: return nil
    }
  }
}
