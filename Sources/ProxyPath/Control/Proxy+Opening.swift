internal import Journal
internal import Kernel
internal import MeshModel
internal import Reactor

/// What a proxy opens before it serves. What it could do without is a warning where it cannot be had, and all else its end.
extension Proxy {
  /// Where records go.
  static func openJournal(_ settings: ProxySettings) throws(StartFailure) -> JournalLog {
    do {
      let mode = JournalSink.Mode(rawValue: settings.log.rawValue) ?? .journal
      return try JournalLog(mode: mode, identifier: "weft-proxy")
    } catch {
      throw StartFailure(description: "\(error)", exitCode: StartFailure.failed)
    }
  }

  /// Where secrets of TLS sessions go; none, as nearly always.
  static func openKeyLog(
    _ settings: ProxySettings,
    _ warnings: inout [String]
  ) throws(StartFailure) -> FileDescriptor {
    guard let path = settings.keyLogPath else { return .none }
    warnings.append(KeyLogFile.warning(path))
    return try KeyLogFile.open(path)
  }

  /// The workers' listeners: those of the proxy that is replaced, or new ones.
  static func openListeners(
    _ settings: ProxySettings,
    workers: Int,
    _ predecessor: Predecessor?,
    _ warnings: inout [String]
  ) throws(StartFailure) -> [WorkerListeners] {
    var tables: [WorkerListeners] = []
    if let sockets = predecessor?.sockets {
      for _ in 0..<workers { tables.append(WorkerListeners()) }
      for (index, socket) in sockets.enumerated() { tables[index % workers].append(socket.raw, socket.direction) }
      return tables
    }
    var missing: [String] = []
    do {
      try ListeningPorts.open(settings, workers: workers, into: &tables, missing: &missing)
    } catch {
      throw StartFailure(description: "\(error)", exitCode: StartFailure.failed)
    }
    for family in Set(missing).sorted() {
      warnings.append("\(family) is not available here: only the other family is served")
    }
    return tables
  }

  /// The control thread's listeners; one that cannot be had is left out and said, since the path does not need it.
  static func openControlListeners(
    _ settings: ProxySettings,
    replacing: Bool,
    _ warnings: inout [String]
  ) -> [ControlListener] {
    var listeners: [ControlListener] = []
    do {
      if replacing { UnixSocket.forget(settings.adminPath) }
      listeners.append(ControlListener(try UnixSocket.listen(at: settings.adminPath), .admin))
    } catch {
      warnings.append(
        "no admin socket, so `weft` cannot ask this proxy: \(error); is the directory this user's own (--run-directory)?"
      )
    }
    let wanted: [(HTTPExchange.Role, UInt16?)] = [(.metrics, settings.metricsPort), (.health, settings.healthPort)]
    for (role, port) in wanted {
      guard let port else { continue }
      for ip in ListeningPorts.wildcards {
        let address = SocketAddress(ip, port: port)
        do {
          // As for the workers' ports: only a successor may share them, and it only with who let it from the start.
          if !replacing { _ = try FileDescriptor.listener(on: address, shared: false) }
          listeners.append(ControlListener(try .listener(on: address), role, address))
        } catch {
          if !error.isFamilyMissing { warnings.append("no \(role) listener: \(error)") }
        }
      }
    }
    return listeners
  }

  /// The pod's sockets for names, and what is to be said where others have them: who has the port answers there.
  static func openNames(_ settings: ProxySettings) -> (NameSockets?, String?) {
    guard settings.answersNames, let agentPath = settings.agentPath else { return (nil, nil) }
    let whose = "such as an agent in this network namespace"
    do {
      let names = try NameSockets(settings, agentPath: agentPath, now_ms: Clock.monotonic_ns() / 1_000_000)
      guard !names.taken.isEmpty else { return (names, nil) }
      let taken = names.taken.map { "\($0)" }.joined(separator: " and ")
      return (names, "what programs ask for names at \(taken) is left to who has that address, \(whose)")
    } catch {
      return (
        nil,
        "what programs ask for names is left to who has port \(ProxySettings.namesPort) here, \(whose): \(error)"
      )
    }
  }
}
