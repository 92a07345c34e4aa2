extension HeadWriter {
  /// Writes the field that announces a request's body; nothing where there is none.
  public mutating func putFraming(_ framing: RequestFraming) {
    switch framing {
    case .none: break
    case .length(let length): putContentLength(length)
    case .chunked: put("Transfer-Encoding: chunked\r\n")
    }
  }

  /// Writes the field that announces a response's body. For one that ends with the connection there is none, and
  /// `Connection: close` is the caller's to say. See `ResponseHead.writeFraming` for answers to HEAD.
  public mutating func putFraming(_ framing: ResponseFraming) {
    switch framing {
    case .none, .untilClose, .tunnel: break
    case .length(let length): putContentLength(length)
    case .chunked: put("Transfer-Encoding: chunked\r\n")
    }
  }

  mutating func putContentLength(_ length: UInt64) {
    put("Content-Length: ")
    put(decimal: length)
    put("\r\n")
  }

  /// The most that `putChunkHead` and `putChunkTail` write together: a size of 64 bits in hexadecimal, and two ends of lines.
  public static let chunkFramingBytes = 20

  /// Writes the line before `size` bytes of chunk data (RFC 9112 section 7.1). A size of 0 would end the body: nothing
  /// is written for it.
  public mutating func putChunkHead(size: Int) {
    guard size > 0 else { return }
    put(hexadecimal: UInt64(size), digits: (Int.bitWidth - size.leadingZeroBitCount + 3) / 4)
    put("\r\n")
  }

  /// Writes what follows chunk data.
  public mutating func putChunkTail() { put("\r\n") }

  /// Writes the last chunk; trailer fields and `putEnd` follow.
  public mutating func putLastChunk() { put("0\r\n") }

  /// Writes the last chunk with an empty trailer section: the whole end of a body.
  public mutating func putBodyEnd() { put("0\r\n\r\n") }
}
