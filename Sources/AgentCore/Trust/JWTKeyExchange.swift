internal import Authority
internal import Logging
internal import Replication
internal import ServiceLifecycle

/// Has all hosts know by which keys this one signs JWT-SVIDs, and this one by which they do. It is none of the network's: a lone
/// host has keys too.
struct JWTKeyExchange: ServiceLifecycle.Service {
  let mesh: Mesh
  let trust: Trust
  let log: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        // What hosts wrote; of this one's, too, what came back from others after a lost disk, and is not so any more.
        group.addTask { for await _ in mesh.jwtNews { await exchange() } }
        // Its own keys change with its role, and with time; the first of these comes at once.
        group.addTask { for await _ in await trust.changes().generations { await exchange() } }
      }
    }
  }

  private func exchange() async {
    do { try await mesh.publish(jwtKeys: trust.ownJWTKeys()?.published.encoded) } catch {
      log.warning("by which keys this host signs JWT-SVIDs could not be written down", error: error)
    }
    await trust.adopt(jwtKeys: mesh.jwtKeys())
  }
}
