internal import GRPCCore

// The two messages of grpc.health.v1.Health/Check, by hand: a string in field 1 goes out, an enum in field 1 comes back
// (protobuf.dev/programming-guides/encoding).

/// Writes `HealthCheckRequest { string service = 1; }`.
struct HealthRequestSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ service: String) throws -> Bytes {
    // A field that has its default is left out.
    guard !service.isEmpty else { return Bytes([]) }
    return Bytes([0x0a] + varint(UInt64(service.utf8.count)) + Array(service.utf8))
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var (bytes, rest): ([UInt8], UInt64) = ([], value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

/// `HealthCheckResponse.ServingStatus`.
enum ServingStatus: Hashable, Sendable, CustomStringConvertible {
  case unknown
  case serving
  case notServing
  case serviceUnknown
  case other(UInt64)

  init(_ value: UInt64) {
    switch value {
    case 0: self = .unknown
    case 1: self = .serving
    case 2: self = .notServing
    case 3: self = .serviceUnknown
    default: self = .other(value)
    }
  }

  var description: String {
    switch self {
    case .unknown: "UNKNOWN"
    case .serving: "SERVING"
    case .notServing: "NOT_SERVING"
    case .serviceUnknown: "SERVICE_UNKNOWN"
    case .other(let value): "status \(value)"
    }
  }
}

/// Reads `HealthCheckResponse { ServingStatus status = 1; }`.
struct HealthResponseDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ message: Bytes) throws -> ServingStatus {
    let status = message.withUnsafeBytes { Self.status(Array($0)) }
    guard let status else {
      throw RPCError(code: .internalError, message: "the answer is no HealthCheckResponse")
    }
    return status
  }

  /// The status; nil where `bytes` are no protobuf message. Fields we do not know are passed over, and the last one counts.
  static func status(_ bytes: [UInt8]) -> ServingStatus? {
    var rest = bytes[...]
    var status = ServingStatus.unknown
    while !rest.isEmpty {
      guard let tag = varint(&rest), tag >> 3 > 0 else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = varint(&rest) else { return nil }
        if tag >> 3 == 1 { status = ServingStatus(value) }
      case 1: guard skip(8, &rest) else { return nil }
      case 2: guard let length = varint(&rest), skip(length, &rest) else { return nil }
      case 5: guard skip(4, &rest) else { return nil }
      default: return nil
      }
    }
    return status
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func skip(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard count <= UInt64(rest.count) else { return false }
    rest = rest.dropFirst(Int(count))
    return true
  }
}
