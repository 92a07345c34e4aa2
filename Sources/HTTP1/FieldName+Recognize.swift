extension FieldName {
  /// The name that `count` token bytes at `start` spell, in whatever case: by length first, then by words.
  @inline(__always)
  static func recognize(_ start: UnsafeRawPointer, _ count: Int) -> FieldName {
    switch count {
    case 2...9: short(start, count)
    case 10...12: middle(start, count)
    case 13...23: long(start, count)
    default: .other
    }
  }

  private static func short(_ start: UnsafeRawPointer, _ count: Int) -> FieldName {
    @inline(__always) func isName(_ text: StaticString) -> Bool { FixedText.isEqualIgnoringCase(start, text) }
    switch count {
    case 2:
      if isName("te") { return .te }
      if isName("b3") { return .b3 }
    case 3: if isName("via") { return .via }
    case 4:
      if isName("host") { return .host }
      if isName("date") { return .date }
    case 6:
      if isName("cookie") { return .cookie }
      if isName("server") { return .server }
      if isName("expect") { return .expect }
    case 7:
      if isName("trailer") { return .trailer }
      if isName("upgrade") { return .upgrade }
    case 8: if isName("location") { return .location }
    case 9: if isName("forwarded") { return .forwarded }
    default: break
    }
    return .other
  }

  private static func middle(_ start: UnsafeRawPointer, _ count: Int) -> FieldName {
    @inline(__always) func isName(_ text: StaticString) -> Bool { FixedText.isEqualIgnoringCase(start, text) }
    switch count {
    case 10:
      if isName("connection") { return .connection }
      if isName("set-cookie") { return .setCookie }
      if isName("keep-alive") { return .keepAlive }
      if isName("tracestate") { return .tracestate }
      if isName("x-b3-flags") { return .xB3Flags }
    case 11:
      if isName("traceparent") { return .traceparent }
      if isName("retry-after") { return .retryAfter }
      if isName("x-weft-hops") { return .xWeftHops }
      if isName("x-b3-spanid") { return .xB3SpanID }
    case 12:
      if isName("content-type") { return .contentType }
      if isName("x-request-id") { return .xRequestID }
      if isName("x-b3-traceid") { return .xB3TraceID }
      if isName("x-b3-sampled") { return .xB3Sampled }
    default: break
    }
    return .other
  }

  private static func long(_ start: UnsafeRawPointer, _ count: Int) -> FieldName {
    @inline(__always) func isName(_ text: StaticString) -> Bool { FixedText.isEqualIgnoringCase(start, text) }
    switch count {
    case 13:
      if isName("authorization") { return .authorization }
      if isName("l5d-client-id") { return .l5dClientID }
      if isName("x-weft-reason") { return .xWeftReason }
    case 14: if isName("content-length") { return .contentLength }
    case 15: if isName("x-forwarded-for") { return .xForwardedFor }
    case 16:
      if isName("x-forwarded-host") { return .xForwardedHost }
      if isName("proxy-connection") { return .proxyConnection }
      if isName("www-authenticate") { return .wwwAuthenticate }
    case 17:
      if isName("transfer-encoding") { return .transferEncoding }
      if isName("x-forwarded-proto") { return .xForwardedProto }
      if isName("x-b3-parentspanid") { return .xB3ParentSpanID }
    case 23: if isName("x-forwarded-client-cert") { return .xForwardedClientCert }
    default: break
    }
    return .other
  }
}
