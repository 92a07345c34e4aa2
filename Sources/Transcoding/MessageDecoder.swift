public import HTTP1
public import HTTP2

/// Writes what HTTP/2 carries in the form of HTTP/1.1, as the path reads it: one for each stream. The path's own parser judges
/// what comes of it as if a peer had sent it, so nothing here has to be believed.
public struct MessageDecoder: BitwiseCopyable, Sendable {
  /// How a body travels in HTTP/1.1.
  enum Body: UInt8 { case none, counted, chunked, tunnel }

  var body = Body.none
  /// What the request wants to go on in (RFC 8441).
  public private(set) var upgrade: ProtocolName

  /// For requests, and for answers to one that wants to go on in `upgrade`.
  public init(upgrade: ProtocolName = ProtocolName()) { self.upgrade = upgrade }

  /// For a connection whose bytes are nobody's message.
  public static var opaque: MessageDecoder {
    var decoder = MessageDecoder()
    decoder.body = .tunnel
    return decoder
  }

  /// Writes a request's head (RFC 9113 section 8.3.1). False where it has no method or no target.
  public mutating func request(_ fields: PathFieldList, endsStream: Bool, into writer: inout HeadWriter) -> Bool {
    guard let method = fields[":method"] else { return false }
    let other = fields[":protocol"]
    let isConnect = other == nil && method.spells("CONNECT")
    guard let target = isConnect ? fields[":authority"] : fields[":path"] else { return false }
    if let other {
      guard let name = ProtocolName(other) else { return false }
      upgrade = name
    }
    if other != nil { writer.put("GET") } else { writer.put(method) }
    writer.put(UInt8(ascii: " "))
    writer.put(target)
    writer.put(" HTTP/1.1\r\nhost: ")
    writer.put(fields[":authority"] ?? fields["host"] ?? UnsafeRawBufferPointer(start: nil, count: 0))
    writer.put("\r\n")
    if let other {
      writer.put("connection: upgrade\r\nupgrade: ")
      writer.put(other)
      writer.put("\r\n")
    }
    let isCounted = writer.put(fields)
    if other != nil || isConnect {
      body = .tunnel
    } else if endsStream {
      body = .none
    } else if isCounted {
      body = .counted
    } else {
      body = .chunked
      writer.put("transfer-encoding: chunked\r\n")
    }
    writer.putEnd()
    return true
  }

  /// Writes a final response's head (section 8.3.2). False where its status is none. With `keepsTrailers` a body whose length
  /// is announced travels in chunks all the same, since trailers have no place behind another; see `AnnouncedLength`.
  public mutating func response(
    _ fields: PathFieldList,
    answering method: Method,
    endsStream: Bool,
    keepsTrailers: Bool = false,
    into writer: inout HeadWriter
  ) -> Bool {
    guard let status = fields.status else { return false }
    if !upgrade.isEmpty, status / 100 == 2 {
      writer.put("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ")
      upgrade.withBytes { writer.put($0) }
      writer.put("\r\n")
      _ = writer.put(fields)
      body = .tunnel
      writer.putEnd()
      return true
    }
    writer.put(status)
    let hasBody = method != .head && status != 204 && status != 304
    let hidesLength = keepsTrailers && hasBody && !endsStream
    let isCounted = writer.put(fields, hidesLength: hidesLength)
    if method == .connect, status / 100 == 2 {
      body = .tunnel
    } else if !hasBody {
      body = .none
    } else if isCounted, !hidesLength {
      body = .counted
    } else if endsStream {
      body = .none
      writer.put("content-length: 0\r\n")
    } else {
      body = .chunked
      writer.put("transfer-encoding: chunked\r\n")
    }
    writer.putEnd()
    return true
  }

  /// Writes the head of a response before the final one. False where its status is none.
  public func informational(_ fields: PathFieldList, into writer: inout HeadWriter) -> Bool {
    guard let status = fields.status, status / 100 == 1, status != 101 else { return false }
    writer.put(status)
    _ = writer.put(fields)
    writer.putEnd()
    return true
  }

  /// The most that `data` writes for a run of `count` bytes: a chunk's lines around it (RFC 9112 section 7.1).
  public static func mostBytes(of count: Int) -> Int { count + HeadWriter.chunkFramingBytes }

  /// Writes a run of the body.
  public func data(_ bytes: UnsafeRawBufferPointer, into writer: inout HeadWriter) {
    guard body == .chunked else { return writer.put(bytes) }
    writer.putChunkHead(size: bytes.count)
    writer.put(bytes)
    writer.putChunkTail()
  }

  /// Writes the end of the body, with the trailers that came. Where it was counted they have no place, and are dropped
  /// (RFC 9110 section 6.5).
  public func end(_ trailers: PathFieldList?, into writer: inout HeadWriter) {
    guard body == .chunked else { return }
    writer.putLastChunk()
    if let trailers { _ = writer.put(trailers) }
    writer.putEnd()
  }
}
