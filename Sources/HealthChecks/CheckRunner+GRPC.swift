internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import MeshModel
internal import NIOCore
internal import Registry

extension CheckRunner {
  /// Passes on SERVING from `grpc.health.v1.Health/Check`, asked without TLS.
  func grpc(_ service: String, _ target: MeshModel.SocketAddress, _ timeout_ms: UInt32) async throws -> CheckReport {
    let what = "grpc \(target)\(service.isEmpty ? "" : " \(service)")"
    let group = group
    let status = try await within(timeout_ms, what) {
      let transport = try HTTP2ClientTransport.Posix(
        target: Self.target(target),
        transportSecurity: .plaintext,
        eventLoopGroup: group
      )
      return try await withGRPCClient(transport: transport) { client in
        var options = CallOptions.defaults
        options.timeout = .milliseconds(timeout_ms)
        // The transport holds answers to the bound of requests; neither message is ever longer.
        options.maxRequestMessageBytes = RegistryLimit.outputBytes
        return try await client.unary(
          request: ClientRequest(message: service),
          descriptor: MethodDescriptor(fullyQualifiedService: "grpc.health.v1.Health", method: "Check"),
          serializer: HealthRequestSerializer(),
          deserializer: HealthResponseDeserializer(),
          options: options
        ) { try $0.message }
      }
    }
    let line = "\(what): \(status)"
    return status == .serving
      ? CheckReport(.passing, line) : CheckReport(.failing, "\(line), wanted \(ServingStatus.serving)")
  }

  private static func target(_ target: MeshModel.SocketAddress) -> any ResolvableTarget {
    let (address, port) = (target.ip.description, Int(target.port))
    return target.ip.isIPv4
      ? ResolvableTargets.IPv4.ipv4(address: address, port: port)
      : ResolvableTargets.IPv6.ipv6(address: address, port: port)
  }
}
