/// What became of an attempt to read a head.
public enum HeadOutcome: Equatable, Sendable {
  /// The head is whole and takes `length` bytes; what follows is body, or the next message.
  case whole(length: Int)
  /// Nothing is wrong so far, and the end is not here yet.
  case partial
  /// No more may be read from this peer: where the message ends is not known, or not agreed upon.
  case refused(HeadFault)
}

/// Why reading a head stopped before its end.
enum HeadStop: Error {
  case partial
  case refused(HeadFault)

  var outcome: HeadOutcome {
    switch self {
    case .partial: .partial
    case .refused(let fault): .refused(fault)
    }
  }
}

/// Why a head is refused. The names follow RFC 9112.
public enum HeadFault: UInt8, CaseIterable, Sendable {
  /// LF without CR before it. RFC 9112 section 2.2 lets a recipient take it for a line's end, and not all do.
  case bareLF
  /// CR without LF behind it.
  case bareCR
  /// NUL, another control character but HTAB, or DEL.
  case controlCharacter
  /// A second empty line where a request should begin.
  case emptyLine
  /// A method that is empty or not a token.
  case malformedMethod
  /// A method beyond `HeadLimit.methodBytes`.
  case methodTooLong
  /// Whitespace in the first line other than the single SPs between its parts.
  case startLineWhitespace
  /// A byte in the target that is neither printable nor ASCII.
  case targetCharacter
  /// A target with `#`: fragments stay in the browser.
  case fragment
  /// A target beyond `HeadLimit.targetBytes`.
  case targetTooLong
  /// A target in none of the four forms, or in one that does not go with the method.
  case targetForm
  /// An absolute target of another scheme than http.
  case scheme
  /// `user@` in an authority.
  case userinfo
  /// A host in the target that is empty or not a name or address.
  case authority
  /// A port that is empty, not digits or beyond 65,535, or a CONNECT without one.
  case port
  /// A request line without a version, as HTTP/0.9 had it.
  case missingVersion
  /// A version not written as HTTP/digit.digit.
  case malformedVersion
  /// A major version other than 1.
  case unsupportedVersion
  /// A status that is not three digits from 100 to 599.
  case malformedStatus
  /// Whitespace before the first field.
  case leadingWhitespace
  /// A field value continued on the next line (obs-fold).
  case lineFolding
  /// Whitespace between a field's name and its colon.
  case spaceBeforeColon
  /// A field name that is empty or not a token, or a line without a colon.
  case malformedFieldName
  /// A name that becomes an identity, forwarding or framing field for those who read `_` as `-`.
  case underscoreShadow
  /// More fields than `HeadLimit.fields`.
  case tooManyFields
  /// A head beyond `HeadLimit.bytes`.
  case headTooLarge
  /// An HTTP/1.1 request without Host.
  case missingHost
  /// Host more than once.
  case repeatedHost
  /// A Host value that is not a host with an optional port.
  case malformedHost
  /// Content-Length that is not plain digits, or beyond 63 bits.
  case malformedContentLength
  /// Content-Length more than once, even with equal values.
  case repeatedContentLength
  /// Content-Length beside Transfer-Encoding.
  case contentLengthWithTransferEncoding
  /// Transfer-Encoding more than once, or `chunked` twice in it.
  case repeatedTransferEncoding
  /// Transfer-Encoding that is empty or not a list of codings.
  case malformedTransferEncoding
  /// `chunked` followed by another coding.
  case chunkedNotLast
  /// A transfer coding other than `chunked`.
  case unknownTransferCoding
  /// Transfer-Encoding in an HTTP/1.0 message.
  case transferEncodingInOldVersion
  /// A Connection field that is not a list of names, or with more than `HeadLimit.connectionOptions`.
  case malformedConnection
  /// A Connection field that names Host, Content-Length or Transfer-Encoding.
  case connectionNamesFraming
  /// A body announced where the message can have none: CONNECT, 1xx or 204.
  case unexpectedBody
}
