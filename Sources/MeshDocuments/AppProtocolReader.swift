internal import MeshModel

/// What is spoken on a port: by `appProtocol` (KEP-1422, and Istio's words), else by Istio's convention for names.
enum AppProtocolReader {
  private static let words: [String: Service.AppProtocol] = [
    "http": .http, "kubernetes.io/ws": .http, "grpc-web": .http, "http2": .http2, "h2c": .http2,
    "kubernetes.io/h2c": .http2, "grpc": .grpc, "https": .tls, "tls": .tls, "kubernetes.io/wss": .tls, "tcp": .tcp,
    "mongo": .tcp, "mysql": .tcp, "redis": .tcp,
  ]

  static func read(_ field: Field?, _ name: String) -> Service.AppProtocol {
    guard let field else { return named(name) }
    guard let text = field.text(), !text.isEmpty else { return .unspecified }
    if let known = words[text.lowercased()] { return known }
    field.warning("\"\(text)\" is not known here; what is spoken is found out by looking")
    return .unspecified
  }

  /// `http`, `http-web` and the like; the longest word first, since `grpc-web` is not `grpc`.
  private static func named(_ name: String) -> Service.AppProtocol {
    let prefixes = words.keys.filter { name == $0 || name.hasPrefix("\($0)-") }
    return prefixes.max { $0.count < $1.count }.flatMap { words[$0] } ?? .unspecified
  }
}
