internal import AsyncHTTPClient
internal import MeshModel
internal import NIOCore
internal import NIOHTTP1
internal import Registry

extension CheckRunner {
  /// Passes on a status of the check's. The answer must be there in time: its head, and its body or so much of it as is
  /// kept. A redirect is an answer like any other, and is not followed.
  func http(
    _ check: HealthCheck.HTTP,
    _ target: MeshModel.SocketAddress,
    _ timeout_ms: UInt32
  ) async throws -> CheckReport {
    let url = "http://\(target)\(check.path)"
    let what = "GET \(url)"
    let request = Self.request(check, url)
    let (configuration, group) = (Self.configuration, group)
    let (status, body) = try await within(timeout_ms, what) {
      try await HTTPClient.withHTTPClient(eventLoopGroup: group, configuration: configuration) { client in
        let response = try await client.execute(request, timeout: .milliseconds(Int64(timeout_ms)))
        return (UInt16(response.status.code), try await Self.start(of: response.body))
      }
    }
    guard check.passes(status) else {
      return CheckReport(.failing, "\(what): status \(status), wanted \(Self.text(check.statuses))", said: body)
    }
    return CheckReport(.passing, "\(what): status \(status)", said: body)
  }

  private static func request(_ check: HealthCheck.HTTP, _ url: String) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: url)
    if !check.host.isEmpty { request.headers.add(name: "host", value: check.host) }
    request.headers.add(name: "user-agent", value: "weft-check")
    request.headers.add(name: "accept", value: "*/*")
    request.headers.add(name: "connection", value: "close")
    return request
  }

  private static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    // A refused connection is the answer; it is not asked again until the time is up.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  /// The first bytes of a body, as many as are kept; the rest is not waited for.
  private static func start(of body: HTTPClientResponse.Body) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await buffer in body {
      bytes += buffer.readableBytesView.prefix(RegistryLimit.outputBytes - bytes.count)
      if bytes.count == RegistryLimit.outputBytes { break }
    }
    return bytes
  }

  private static func text(_ statuses: [ClosedRange<UInt16>]) -> String {
    statuses.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
  }
}
