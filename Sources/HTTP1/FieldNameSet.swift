/// Several field names at once, so that dropping them walks over the fields once at most, and mostly not at all.
public struct FieldNameSet: Sendable, BitwiseCopyable {
  @usableFromInline let bits: UInt64

  /// The names given.
  public init(_ names: FieldName...) { bits = names.reduce(0) { $0 | $1.bit } }

  /// Who asks, as only a proxy that has seen a certificate may say it.
  public static let identity = FieldNameSet(.xForwardedClientCert, .l5dClientID)

  /// What only the mesh may say: who asks, through whom, and in whose trace.
  public static let foreign = FieldNameSet(
    .xForwardedClientCert,
    .l5dClientID,
    .forwarded,
    .xForwardedFor,
    .xForwardedProto,
    .xForwardedHost,
    .xRequestID,
    .traceparent,
    .tracestate,
    .b3,
    .xB3TraceID,
    .xB3SpanID,
    .xB3ParentSpanID,
    .xB3Sampled,
    .xB3Flags
  )

  /// Zipkin's trace fields, in either form.
  public static let b3 = FieldNameSet(.b3, .xB3TraceID, .xB3SpanID, .xB3ParentSpanID, .xB3Sampled, .xB3Flags)
}

extension FieldTable {
  /// Whether a field of the set came, kept or not.
  public func hasAny(_ names: FieldNameSet) -> Bool { present & names.bits != 0 }

  /// Marks every field of the set as not to be written.
  @inlinable
  public mutating func drop(_ names: FieldNameSet) { drop(all: names.bits) }
}
