internal import Discovery
internal import Logging
internal import MeshAPI

/// A proxy's stream as the mesh keeps it.
struct ProxyStream {
  let caller: Caller
  /// The identities that its process may have.
  var identities: Set<String> = []
  var server = DeltaServer()
  let responses: AsyncThrowingStream<DeltaResponse, any Error>.Continuation
}

/// The push to proxies.
extension Mesh {
  /// What a stream's service needs: its number, and what to send.
  struct OpenStream {
    let id: UInt64
    let responses: AsyncThrowingStream<DeltaResponse, any Error>
  }

  /// Proxies of one host: one a pod, and as many again that were replaced and drain.
  static let streamLimit = 2_048

  /// Opens a stream. Responses are bounded by the protocol: of each type one is under way until it is taken.
  func openStream(of caller: Caller) throws -> OpenStream {
    guard streams.count < Self.streamLimit else {
      throw MeshRefusal("this agent has \(Self.streamLimit) proxies already")
    }
    let (responses, continuation) = AsyncThrowingStream<DeltaResponse, any Error>.makeStream()
    let id = nextStream()
    streams[id] = ProxyStream(caller: caller, responses: continuation)
    return OpenStream(id: id, responses: responses)
  }

  /// Takes what a proxy says; throws where its stream has to end.
  func receive(_ request: DeltaRequest, on id: UInt64) throws {
    guard streams[id] != nil else { return }
    let refused = streams[id]?.server.counts.refused ?? 0
    let isFirst = streams[id]?.server.node == nil
    let responses = try streams[id]?.server.receive(request, from: &resources) ?? []
    if isFirst { noteMeshed(streams[id]) }
    send(responses, on: id)
    if let server = streams[id]?.server, server.counts.refused > refused {
      count("pushes_refused")
      log.warning(
        "a proxy refused what it was pushed: \(server.lastRefusal)",
        metadata: ["PROXY": "\(server.node?.id ?? "unknown")"]
      )
    }
  }

  /// The process of a proxy may have these identities now.
  func note(identities: Set<String>, on id: UInt64) {
    guard streams[id] != nil, streams[id]?.identities != identities else { return }
    streams[id]?.identities = identities
    noteMeshed(streams[id])
  }

  func closeStream(_ id: UInt64) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    stream.responses.finish()
  }

  /// Tells all proxies that asked for any of these what is there now.
  func tell(_ changed: Set<ResourceKey>) {
    guard !changed.isEmpty else { return }
    for id in streams.keys {
      send(streams[id]?.server.changed(changed, in: &resources) ?? [], on: id)
    }
  }

  private func send(_ responses: [DeltaResponse], on id: UInt64) {
    guard !responses.isEmpty else { return }
    count("pushes", by: UInt64(responses.count))
    count("pushed_resources", by: UInt64(responses.reduce(0) { $0 + $1.resources.count + $1.removedResources.count }))
    for response in responses { streams[id]?.responses.yield(response) }
  }
}
