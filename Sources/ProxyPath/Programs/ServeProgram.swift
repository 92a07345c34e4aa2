internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Connections of programs that speak HTTP/2: served as those of other proxies are, but for TLS, which there is none of.
extension Worker {
  /// Takes bytes of a connection without TLS.
  func takePlain(
    _ bytes: UnsafeRawBufferPointer,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot
  ) {
    peers.take(bytes, connection, slot, now_ms: now_ns / 1_000_000)
    connection.pointee.program?.bytesReceived &+= UInt64(bytes.count)
    hearGreeting(connection)
    noteUnfinished(connection, slot)
    peers.mustSend(connection, slot)
  }

  /// A program was told that the proxy is about to end: what it has begun by the time it knows goes on, and nothing else.
  func dismissSoon(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    connection.pointee.program?.goodbyeAt = tick &+ ProgramLimit.goodbyeTicks
    setTimer(connection, slot)
  }

  /// A stream of a program's begins: a request like one of HTTP/1.1.
  func startProgramRequest(_ place: Slot, _ connection: UnsafeMutablePointer<PeerConnection>) {
    guard let program = connection.pointee.program else { return }
    let end = StreamEnd(peers, place)
    guard !http.clients.isFull, !isFull else {
      peers.setCode(of: place, .refusedStream)
      return end.resetOnClose()
    }
    connection.pointee.program?.requests = program.requests &+ 1
    let slot = http.clients.insert(
      HTTPClient(
        id: program.id,
        direction: program.direction,
        source: connection.pointee.peer,
        destination: program.destination,
        verdict: program.verdict,
        opened_ns: now_ns,
        side: Side(end, isWritable: true),
        isAnnounced: program.isAnnounced,
        isTrusted: program.isTrusted,
        tick: tick
      )
    )
    guard let client = http.clients.pointer(slot) else { return }
    client.pointee.isMessage = true
    client.pointee.isOfProgram = true
    client.pointee.entry = program.entry
    client.pointee.isMarked = program.isMarked
    client.pointee.speech = .native
    client.pointee.requests = program.requests
    http.clientTimers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
    watch(client.pointee.side, Token(.httpClient, slot: slot), isWatched: false)
  }

  /// New policies: connections whose destination they forbid end, and with them what is under way.
  func judgeProgramsAgain() {
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        let program = connection.pointee.program
      else { continue }
      let verdict = keeper.verdict(program.direction, from: connection.pointee.peer, to: program.destination)
      connection.pointee.program?.verdict = verdict
      if !verdict.isAllowed, !isService(program.direction, program.destination) {
        endPeer(slot, .closed, .forbiddenByNewPolicy)
      }
    }
  }
}

extension PeerStores {
  /// Sends frames as they are; false where the socket takes no more.
  func sendPlain(
    _ output: PathOutput,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot
  ) -> Bool {
    connection.pointee.output?.removeAll()
    connection.pointee.program?.bytesSent &+= UInt64(output.count)
    switch connection.pointee.backlog.send(output.bytes, to: &connection.pointee.side, &pool) {
    case .sent: return true
    case .waiting: return false
    case .failed:
      noteBroken(slot)
      return false
    }
  }
}
