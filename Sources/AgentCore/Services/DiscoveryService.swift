internal import Discovery
internal import GRPCCore
internal import MeshAPI
internal import MeshServices

/// The push to proxies: one stream each (docs/push.md).
struct DiscoveryService: Envoy_Service_Discovery_V3_AggregatedDiscoveryService.SimpleServiceProtocol {
  let mesh: Mesh
  let trust: Trust
  /// Whose processes are proxies.
  let proxyUser: UInt32

  func deltaAggregatedResources(
    request: RPCAsyncSequence<DeltaRequest, any Error>,
    response: RPCWriter<DeltaResponse>,
    context: ServerContext
  ) async throws {
    let caller = try context.caller
    let stream = try await mesh.openStream(of: caller)
    let changes = await trust.changes()
    defer { changes.end() }
    Task {
      for await _ in changes.generations {
        // What has ended has nothing, and its stream ends by itself.
        guard let evidence = ProcessEvidence(caller, proxyUser: proxyUser) else { continue }
        await mesh.note(identities: Set(trust.names(of: evidence)), on: stream.id)
      }
    }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for try await answer in stream.responses { try await response.write(answer) }
        }
        group.addTask {
          for try await message in request { try await mesh.receive(message, on: stream.id) }
        }
        // Whoever ends first, the client or the mesh, ends the stream.
        try await group.next()
        group.cancelAll()
      }
    } catch let refusal as StreamRefusal {
      await mesh.closeStream(stream.id)
      throw RPCError(refusal)
    } catch {
      await mesh.closeStream(stream.id)
      throw error
    }
    await mesh.closeStream(stream.id)
  }
}
