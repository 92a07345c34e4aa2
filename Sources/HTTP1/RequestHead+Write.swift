extension RequestHead {
  /// Writes the request line as it is sent to a server, in HTTP/1.1 whatever came. Of an absolute target only path and
  /// query are left, and a Host line follows that says its authority, since the one that came is dropped (RFC 9112
  /// section 3.2.2).
  public func writeLine(into writer: inout HeadWriter) {
    writer.put(self[methodRange])
    writer.put(UInt8(ascii: " "))
    if form == .absolute {
      // Section 3.2.4: OPTIONS of a whole server is `*` to the server itself.
      if path.isEmpty { writer.put(method == .options && !hasQuery ? UInt8(ascii: "*") : UInt8(ascii: "/")) }
      writer.put(self[path])
      if hasQuery {
        writer.put(UInt8(ascii: "?"))
        writer.put(self[query])
      }
      writer.put(" HTTP/1.1\r\nHost: ")
      writer.put(self[authority])
      writer.put("\r\n")
    } else {
      writer.put(self[targetRange])
      writer.put(" HTTP/1.1\r\n")
    }
  }
}
