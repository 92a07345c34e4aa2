internal import Balancing
internal import MeshModel

/// What one worker knows of one endpoint.
struct EndpointView: Sendable, BitwiseCopyable {
  let address: SocketAddress
  let latency_ns: Double
  let pending: UInt32
  let idleConnections: UInt32
  let isPassedOver: Bool
}

/// The endpoints asked after, and for each worker what it knows of those it has met.
typealias EndpointSurvey = Survey<[SocketAddress], [EndpointView]>

/// Bounds of asking workers about endpoints.
enum EndpointSurveyLimit {
  /// Endpoints asked after at once: more than a person reads, and some microseconds of a worker's turn.
  static let endpoints = 1_000
}

extension Worker {
  /// Answers for this worker.
  func report(_ survey: EndpointSurvey) {
    survey.answer(
      survey.question.compactMap { address in
        guard let index = http.targets.find(address) else { return nil }
        let target = http.targets[index]
        return EndpointView(
          address: address,
          latency_ns: target.latency.value(now_ns: now_ns),
          pending: target.pending,
          idleConnections: target.idleCount,
          isPassedOver: !target.health.isAvailable(now_ns: now_ns)
        )
      }
    )
  }
}

extension LiveEndpoint {
  /// What all workers know of `address`.
  init(_ address: SocketAddress, _ views: [[EndpointView]]) {
    let known = views.compactMap { $0.first { $0.address == address } }
    self.init(
      workers: known.count,
      latencyMs: known.isEmpty ? 0 : known.reduce(0) { $0 + $1.latency_ns } / Double(known.count) / 1e6,
      pending: known.reduce(0) { $0 &+ $1.pending },
      idleConnections: known.reduce(0) { $0 &+ $1.idleConnections },
      passedOverBy: known.count { $0.isPassedOver }
    )
  }
}
