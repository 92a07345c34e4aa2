extension RequestHead {
  /// Whether it calls a method of gRPC, by its Content-Type (gRPC over HTTP/2, "Requests").
  @inlinable
  public var isGRPC: Bool { fields.isGRPC }
}

extension ResponseHead {
  /// Whether it answers a call of gRPC in gRPC's own form.
  @inlinable
  public var isGRPC: Bool { fields.isGRPC }
}

extension FieldTable {
  /// `application/grpc`, perhaps with the coding of its messages (`+proto`) or parameters. gRPC-Web, which begins with the
  /// same letters, carries its trailers in the body and is none. Without a Content-Type this costs one look-up.
  @inlinable
  var isGRPC: Bool {
    guard let index = first(.contentType) else { return false }
    return Self.isGRPC(value(at: index))
  }

  @usableFromInline
  static func isGRPC(_ value: UnsafeRawBufferPointer) -> Bool {
    guard let start = value.baseAddress, value.count >= grpcType.utf8CodeUnitCount,
      FixedText.isEqualIgnoringCase(start, grpcType)
    else { return false }
    guard value.count > grpcType.utf8CodeUnitCount else { return true }
    switch value[grpcType.utf8CodeUnitCount] {
    case UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: " "): return true
    default: return false
    }
  }

  private static let grpcType: StaticString = "application/grpc"
}
