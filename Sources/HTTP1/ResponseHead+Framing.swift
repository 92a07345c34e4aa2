extension ResponseHead {
  /// How the end of the body is found, in an answer to a request of this method (RFC 9112 section 6.3).
  public func framing(answering method: Method) -> ResponseFraming {
    if status == 101 { return .tunnel }
    if method == .head || status < 200 || status == 204 || status == 304 { return .none }
    if method == .connect, status < 300 { return .tunnel }
    return switch announced {
    case .none: .untilClose
    case .length(let length): .length(length)
    case .chunked: .chunked
    }
  }

  /// Writes the field that announces the body, in an answer to a request of this method. Without a body it is the
  /// length that one would have had: answers to HEAD and 304 say it (RFC 9110 section 8.6).
  public func writeFraming(answering method: Method, into writer: inout HeadWriter) {
    let framing = framing(answering: method)
    if framing == .none, status >= 200, status != 204, let length = contentLength {
      writer.putContentLength(length)
    } else {
      writer.putFraming(framing)
    }
  }
}
