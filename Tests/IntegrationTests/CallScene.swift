import MeshModel
import WeftTestKit

/// Calls of gRPC as the proxy's machines see them, whatever carried them there: HTTP/1.1 with a body and trailers.
extension RequestStream {
  /// Makes a call with one message and awaits its answer.
  func call(_ path: String, _ lines: [String] = []) throws -> Answer {
    try sendCall(path, lines)
    return try answer()
  }

  /// Makes a call with one message, `ask`.
  func sendCall(_ path: String, _ lines: [String] = []) throws {
    let fields = ["content-type: application/grpc", "TE: trailers", "Connection: TE", "Content-Length: 3"] + lines
    try send("POST \(path) HTTP/1.1\r\nHost: web\r\n\(fields.map { $0 + "\r\n" }.joined())\r\nask")
  }
}

extension RequestStream.Answer {
  /// What the call came to, wherever that was said.
  var grpcStatus: String? { head["grpc-status"] ?? trailers["grpc-status"] }
}

extension ScriptedServer {
  /// An answer with one message, and behind it what the call came to.
  static func message(_ text: String = "own", status: Int = 0) -> String {
    "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n0\r\ngrpc-status: \(status)\r\ngrpc-message: said\r\n\r\n"
  }

  /// An answer without a message: what the call came to stands in its head.
  static func trailersOnly(_ status: Int) -> String {
    answer(200, "", ["content-type: application/grpc", "grpc-status: \(status)"])
  }
}

extension Documents {
  /// A GRPCRoute of the service `web`, with annotations in flow style: `{...}`.
  static func calls(_ rules: String, _ annotations: String = "{}") -> String {
    """
    ---
    {apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: calls, annotations: \(annotations)},
     spec: {parentRefs: [{group: "", kind: Service, name: web, port: 80}], rules: \(rules)}}

    """
  }
}
