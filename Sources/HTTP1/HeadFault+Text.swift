extension HeadFault {
  /// The status to answer a request with; for a response that is refused, the answer to its client is 502.
  public var status: UInt16 {
    switch self {
    case .targetTooLong: 414
    case .tooManyFields, .headTooLarge: 431
    case .methodTooLong, .unknownTransferCoding: 501
    case .unsupportedVersion: 505
    default: 400
    }
  }

  /// A few words for a record or a reason header: lower-case letters, digits and hyphens.
  public var text: StaticString {
    switch self {
    case .bareLF: "bare-lf"
    case .bareCR: "bare-cr"
    case .controlCharacter: "control-character"
    case .emptyLine: "empty-line"
    case .malformedMethod: "malformed-method"
    case .methodTooLong: "method-too-long"
    case .startLineWhitespace: "start-line-whitespace"
    case .targetCharacter: "target-character"
    case .fragment: "fragment"
    case .targetTooLong: "target-too-long"
    case .targetForm: "target-form"
    case .scheme: "scheme"
    case .userinfo: "userinfo"
    case .authority: "authority"
    case .port: "port"
    case .missingVersion: "missing-version"
    case .malformedVersion: "malformed-version"
    case .unsupportedVersion: "unsupported-version"
    case .malformedStatus: "malformed-status"
    case .leadingWhitespace: "leading-whitespace"
    case .lineFolding: "line-folding"
    case .spaceBeforeColon: "space-before-colon"
    case .malformedFieldName: "malformed-field-name"
    case .underscoreShadow: "underscore-shadow"
    case .tooManyFields: "too-many-fields"
    case .headTooLarge: "head-too-large"
    case .missingHost: "missing-host"
    case .repeatedHost: "repeated-host"
    case .malformedHost: "malformed-host"
    case .malformedContentLength: "malformed-content-length"
    case .repeatedContentLength: "repeated-content-length"
    case .contentLengthWithTransferEncoding: "content-length-with-transfer-encoding"
    case .repeatedTransferEncoding: "repeated-transfer-encoding"
    case .malformedTransferEncoding: "malformed-transfer-encoding"
    case .chunkedNotLast: "chunked-not-last"
    case .unknownTransferCoding: "unknown-transfer-coding"
    case .transferEncodingInOldVersion: "transfer-encoding-in-1-0"
    case .malformedConnection: "malformed-connection"
    case .connectionNamesFraming: "connection-names-framing"
    case .unexpectedBody: "unexpected-body"
    }
  }
}
