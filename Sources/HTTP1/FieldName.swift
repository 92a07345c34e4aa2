/// The field names that the proxy itself cares about; they are recognised while a head is parsed.
public enum FieldName: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Any other name; compare its bytes.
  case other
  // Framing and routing
  case host, contentLength, transferEncoding
  // What the body is: of gRPC it decides what else has a meaning
  case contentType
  // Hop by hop (RFC 9110 section 7.6.1)
  case connection, te, trailer, upgrade, keepAlive, proxyConnection
  // End to end
  case expect, authorization, cookie, setCookie, server, date, location, retryAfter, wwwAuthenticate, via
  // Where a request came from
  case forwarded, xForwardedFor, xForwardedProto, xForwardedHost, xForwardedClientCert, l5dClientID
  // Tracing
  case xRequestID, traceparent, tracestate
  case b3, xB3TraceID, xB3SpanID, xB3ParentSpanID, xB3Sampled, xB3Flags
  // Between proxies of this mesh
  case xWeftHops, xWeftReason

  /// This name's bit in a set of names.
  @inlinable @inline(__always) var bit: UInt64 { 1 << UInt64(rawValue) }

  /// Names that never travel further: they speak of one connection, or of framing, which is written anew.
  static var hopByHop: UInt64 {
    FieldName.connection.bit | FieldName.te.bit | FieldName.upgrade.bit | FieldName.keepAlive.bit
      | FieldName.proxyConnection.bit | FieldName.contentLength.bit | FieldName.transferEncoding.bit
  }
}
