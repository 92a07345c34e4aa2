internal import HTTP2

// How a status is told on the wire: by trailers, by an HTTP status where a server that knows no gRPC answers, or by the code of
// a reset (grpc/doc/PROTOCOL-HTTP2.md, http-grpc-status-mapping.md).
extension GRPCStatus {
  /// From trailers, or from headers that are all of the response; nil without a `grpc-status`.
  init?(trailers fields: HeaderFields) {
    guard let text = fields["grpc-status"] else { return nil }
    // A code that is not known is `unknown`, says the protocol.
    let code = Int(text).flatMap(Code.init(rawValue:)) ?? .unknown
    self.init(code, fields["grpc-message"].map(Self.decode) ?? "")
  }

  /// What is wrong with the headers that a response begins with; nil where they are those of gRPC.
  static func refusal(of headers: HeaderFields) -> GRPCStatus? {
    let status = headers[":status"] ?? ""
    guard status == "200" else {
      return GRPCStatus(code(httpStatus: status), "the server answered with HTTP status \(status) and no gRPC status")
    }
    guard isGRPC(headers["content-type"] ?? "") else {
      return GRPCStatus(.unknown, "the server's answer is not of type application/grpc; is it a gRPC server?")
    }
    guard ["identity", nil].contains(headers["grpc-encoding"]) else {
      return GRPCStatus(.internalError, "the server compresses its messages, which was not offered")
    }
    return nil
  }

  /// `application/grpc`, with a format (`+proto`) or parameters behind it or not.
  private static func isGRPC(_ type: String) -> Bool {
    let name = "application/grpc"
    guard type.utf8.starts(with: name.utf8) else { return false }
    let next = type.utf8.dropFirst(name.utf8.count).first
    return next == nil || next == UInt8(ascii: "+") || next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
  }

  private static func code(httpStatus: String) -> Code {
    switch httpStatus {
    case "400": .internalError
    case "401": .unauthenticated
    case "403": .permissionDenied
    case "404": .unimplemented
    case "429", "502", "503", "504": .unavailable
    default: .unknown
    }
  }

  /// From the code of a stream that closed before its trailers came.
  init(reset code: ErrorCode) {
    let kind: Code =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internalError
      }
    self.init(kind, "the call was cut off without a status (HTTP/2 \(code))")
  }

  /// Percent-decodes a `grpc-message`; what is no escape stays as it is, as the protocol asks.
  static func decode(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst(), bytes.count < maxMessageBytes {
      if byte == UInt8(ascii: "%"), let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    let shown = String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar -> Unicode.Scalar in
      let isKept = scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
      return isKept ? scalar : "\u{fffd}"
    }
    var result = ""
    result.unicodeScalars.append(contentsOf: shown)
    return result
  }
}

extension UInt8 {
  /// The value of an ASCII hex digit.
  fileprivate var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
