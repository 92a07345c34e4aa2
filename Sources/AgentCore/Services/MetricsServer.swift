internal import Hummingbird
internal import Logging
internal import MeshAPI
internal import ServiceLifecycle

/// Prometheus text and health, on loopback: `/metrics`, `/live`, `/ready`.
struct MetricsServer: ServiceLifecycle.Service {
  let port: UInt16
  let network: Network
  let workloads: WorkloadStreams
  let log: Logger
  /// Told once it listens, or is known not to: until then the agent does not say that it is ready.
  let opened: AsyncStream<Void>.Continuation

  func run() async throws {
    defer { opened.finish() }
    let router = Router()
    router.get("live") { _, _ in "alive\n" }
    // It serves from the first answer on: all that it needs is read before.
    router.get("ready") { _, _ in "ready\n" }
    router.get("metrics") { [network, workloads] _, _ in
      let text = AgentMetrics(await network.status(), workloadStreams: workloads.count).text
      return Response(
        status: .ok,
        headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text))
      )
    }
    var quiet = log
    quiet.logLevel = .warning
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: Int(port))),
      onServerRunning: { [opened] _ in opened.finish() },
      logger: quiet
    )
    do {
      try await application.run()
    } catch is CancellationError {
      return
    } catch {
      opened.finish()
      log.warning("metrics are not served, all else is: 127.0.0.1:\(port): \(error); choose another --metrics-port")
      try? await gracefulShutdown()
    }
  }
}
