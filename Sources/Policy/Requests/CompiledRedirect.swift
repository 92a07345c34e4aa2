public import HTTP1
internal import MeshModel

/// An answer that sends the client elsewhere (Gateway API, HTTPRequestRedirectFilter).
public struct CompiledRedirect: Sendable {
  /// 301, 302, 303, 307 or 308.
  public let status: UInt16
  private let scheme: [UInt8]?
  private let hostname: [UInt8]?
  private let port: UInt16?
  private let path: CompiledPathEdit?

  init(_ redirect: HTTPRoute.Redirect, of rule: HTTPRoute.Rule) {
    status = redirect.status
    scheme = redirect.scheme.flatMap { CompiledEdits.isSafe($0) ? Array($0.utf8) : nil }
    hostname = redirect.hostname.flatMap { CompiledEdits.isSafe($0) ? Array($0.utf8) : nil }
    port = redirect.port
    path = redirect.path.flatMap { CompiledPathEdit($0, of: rule) }
  }

  /// Writes the value of Location: what the redirect does not say is as in the request, which came to `dialled`.
  ///
  /// The port is left out where it is the scheme's own, and where a scheme is given without one. A request without a host
  /// (HTTP/1.0) gets a reference relative to itself, unless the redirect names one.
  public func writeLocation(of head: borrowing RequestHead, dialled: UInt16, into writer: inout HeadWriter) {
    let host = head[head.host]
    if hostname != nil || !host.isEmpty {
      if let scheme { scheme.withUnsafeBytes { writer.put($0) } } else { writer.put("http") }
      writer.put("://")
      if let hostname { hostname.withUnsafeBytes { writer.put($0) } } else { writer.put(host) }
      let isHTTPS = scheme.map { $0.elementsEqual("https".utf8) } ?? false
      let own: UInt16 = isHTTPS ? 443 : 80
      let number = port ?? (scheme == nil ? dialled : own)
      if number != own {
        writer.put(UInt8(ascii: ":"))
        writer.put(decimal: UInt64(number))
      }
    }
    let asked = head.routedPath
    if let path { path.write(asked, into: &writer) } else { writer.put(asked) }
    if head.hasQuery {
      writer.put(UInt8(ascii: "?"))
      writer.put(head[head.query])
    }
  }
}

extension RequestHead {
  /// The path that rules are about: `/` where an absolute target has none (RFC 9110 section 4.2.3).
  var routedPath: UnsafeRawBufferPointer {
    if path.isEmpty, form == .absolute {
      let root: StaticString = "/"
      return UnsafeRawBufferPointer(start: root.utf8Start, count: 1)
    }
    return self[path]
  }
}
