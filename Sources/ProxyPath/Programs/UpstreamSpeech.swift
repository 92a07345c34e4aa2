internal import HTTP2
internal import MeshModel
internal import Transcoding

/// How an endpoint is spoken to.
enum UpstreamSpeech: UInt8, BitwiseCopyable {
  case http1
  /// By HTTP/2, since documents say so, for a client that speaks HTTP/1.
  case http2
  /// By HTTP/2, as its client speaks: nothing is lost that HTTP/1.1 could not say.
  case native
}

extension Worker {
  /// How an endpoint is spoken to: as the client speaks, as documents say of it, or as it has chosen itself. Another protocol is
  /// agreed on by HTTP/1.1.
  @inline(__always)
  func speech(
    _ client: UpstreamSpeech,
    _ exchange: UnsafeMutablePointer<Exchange>,
    to target: UInt32,
    isMirror: Bool = false
  ) -> UpstreamSpeech {
    if client == .native { return hasChosenHTTP1(target, exchange, isMirror: isMirror) ? .http1 : .native }
    guard client == .http2 || http.targets[target].speaksHTTP2 else { return .http1 }
    return exchange.pointee.wantsUpgrade ? .http1 : .http2
  }
}

/// How a proxy tells the next one that the program at the end is to be spoken to by HTTP/2 (Linkerd's `l5d-orig-proto` is of the
/// kind). It is the proxies' own: what a program says there is not passed on.
enum NativeMarker {
  private static let field: StaticString = "x-weft-protocol"
  private static let value: StaticString = "h2"

  static func isSet(in fields: PathFieldList) -> Bool {
    fields[field]?.spells(value) == true
  }

  /// False where there is no room for it.
  static func append(to room: EncodeRoom) -> Bool { room.append(field, value) }
}

extension Service.AppProtocol {
  /// Documents say that HTTP/2 is spoken there, without TLS: `http2`, `kubernetes.io/h2c`, `grpc`.
  var isHTTP2: Bool { self == .http2 || self == .grpc }
}
