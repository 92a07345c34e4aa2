internal import Logging
internal import MeshModel

extension SerfMembership {
  /// Starts Serf again whenever it ends, until the task is cancelled.
  func supervise() async {
    var backoff = Backoff()
    var random = SystemRandomNumberGenerator()
    while !Task.isCancelled {
      let began_ms = now_ms
      gaveWay = false
      failures = 0
      health.starts += 1
      health.state = .starting
      view.forgetAbsences()
      let reason = await runOnce()
      rpc = nil
      started(nil)
      if Task.isCancelled { return }
      if hasLeft { return await idle() }
      health.state = .restarting(reason)
      let pause_ms = backoff.pause_ms(afterRun: now_ms - began_ms, gaveWay: gaveWay, using: &random)
      logger.warning("Serf is down, members stay as they were: \(reason); next start in \(pause_ms) ms")
      try? await Task.sleep(for: .milliseconds(Int(pause_ms)))
    }
  }

  /// Nothing is left to do, but a service that returned would end its group.
  private func idle() async {
    health.state = .left
    logger.notice("Serf left the mesh")
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
  }

  /// One run of the child, and the watching of it; why it ended.
  private func runOnce() async -> String {
    let port: UInt16
    let key = GossipKey.random().base64
    let file: SerfFile
    do {
      port = try FreePort.find()
      file = SerfFile(configuration, joining: knownPeers, rpcPort: port, rpcKey: key)
      try file.write(in: configuration.directory)
    } catch {
      return "\(error)"
    }
    let child = SerfChild(program: configuration.program, configurationPath: file.path)
    // The RPC port is the child's own once it says so; before, anybody could listen there.
    let (running, isRunning) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
    return await withTaskGroup(of: String?.self) { group in
      group.addTask {
        let ending = await child.run(started: { await self.started($0) }) { line in
          if line.fact == .running { isRunning.yield() }
          await self.said(line)
        }
        isRunning.finish()
        return await self.reason(ending)
      }
      group.addTask {
        for await _ in running { return await self.watch(port: port, key: key) }
        return nil
      }
      group.addTask {
        try? await Task.sleep(for: .milliseconds(Int(MembershipLimit.start_ms)))
        return await self.isStarting ? "it took no requests within \(MembershipLimit.start_ms) ms" : nil
      }
      var reason: String?
      for await ending in group {
        if let ending {
          reason = reason ?? ending
          group.cancelAll()
        }
      }
      return reason ?? "it ended"
    }
  }

  /// Live members to go back to, at random: Serf's snapshot may lack those it met last, since it writes it only when
  /// something else happens.
  private var knownPeers: [SocketAddress] {
    let others = view.members.filter { $0.status == .alive && $0.name != view.own.name }
    return others.shuffled().prefix(MembershipLimit.joinAddresses).map(\.address)
  }

  private var isStarting: Bool { rpc == nil && !Task.isCancelled }

  private func reason(_ ending: SerfChild.Ending) -> String {
    gaveWay ? "it gave way to another host of the name \(configuration.name)" : "\(ending)"
  }

  /// Watches the members of a running child until it hangs; what happened. Nil when it was cancelled.
  private func watch(port: UInt16, key: String) async -> String? {
    rpc = (port, key)
    while !Task.isCancelled {
      do {
        try await SerfConnection.use(port: port, key: key) { try await self.watch($0) }
      } catch {
        failures += 1
        if Task.isCancelled { return nil }
        if failures >= MembershipLimit.failures { return "its RPC failed \(failures) times: \(error)" }
        logger.debug("Serf's RPC failed, connecting anew: \(error)")
        try? await Task.sleep(for: .milliseconds(Int(MembershipLimit.reconnect_ms)))
      }
    }
    return nil
  }

  /// Looks at the counters, and lists the members when something changed; until the connection breaks.
  private func watch(_ connection: SerfConnection) async throws {
    try await connection.request(.stream)
    health.state = .running
    var known: SerfStats?
    var listed_ms: UInt64 = 0
    while true {
      guard case .stats(let stats) = try await connection.request(.stats) else { return }
      let hasEvents = await connection.takeEvents()
      if stats != known || hasEvents || now_ms >= listed_ms + MembershipLimit.list_ms {
        guard case .members(let list) = try await connection.request(.members) else { return }
        view.observe(list, now_ms: now_ms, tell)
        health.refusedMembers = view.refusals
        known = stats
        listed_ms = now_ms
      }
      failures = 0
      try await Task.sleep(for: .milliseconds(Int(MembershipLimit.look_ms)))
    }
  }
}
