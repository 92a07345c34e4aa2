internal import Glibc
public import MeshModel

/// One run of a script: a client that dials a proxy, and the server behind it, driven by one thread that waits for
/// whichever of their sockets has something next.
public struct WireRun: ~Copyable {
  private let script: WireScript
  private let client: Descriptor
  private let listener: Descriptor
  private var servers: [WireServer] = []
  private var unsent: [UInt8]
  private var piecesSent = 1
  private var receivedBefore = 0
  private var outcome = WireOutcome()
  private var isOver = false

  /// Makes both sockets and starts to connect.
  ///
  /// - Parameters:
  ///   - script: what both ends do.
  ///   - source: the pod whose program dials.
  ///   - destination: what it dials: a proxy, or what is captured by one.
  ///   - backendPod: the pod of the server.
  ///   - backend: where the server listens, until the run is over.
  public init(
    _ script: WireScript,
    from source: Pod,
    to destination: SocketAddress,
    server backendPod: Pod,
    at backend: SocketAddress
  ) throws {
    self.script = script
    unsent = script.pieces.first ?? []
    let listener = Descriptor(owning: try backendPod.inside { try PodListener.open(backend) })
    var one: Int32 = 1
    setsockopt(listener.number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard backend.withRaw({ bind(listener.number, $0, $1) }) == 0 else { throw SocketFailure("bind \(backend)") }
    guard listen(listener.number, 16) == 0 else { throw SocketFailure("listen \(backend)") }
    let client = Descriptor(owning: try source.inside { try PodListener.open(destination) })
    _ = fcntl(client.number, F_SETFL, O_NONBLOCK)
    _ = fcntl(listener.number, F_SETFL, O_NONBLOCK)
    if destination.withRaw({ Glibc.connect(client.number, $0, $1) }) != 0, errno != EINPROGRESS {
      throw SocketFailure("connect \(destination)")
    }
    self.listener = listener
    self.client = client
  }

  /// Runs until the client's connection has ended, for `limit` at most.
  public consuming func finish(within limit: Duration) throws -> WireOutcome {
    let deadline = Deadline(limit)
    while !isOver, !deadline.isOver {
      var entries = [pollfd(fd: client.number, events: Int16(unsent.isEmpty ? POLLIN : POLLIN | POLLOUT), revents: 0)]
      entries.append(pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0))
      for server in servers { entries.append(server.interest) }
      guard poll(&entries, nfds_t(entries.count), deadline.millisecondsLeft) >= 0 || errno == EINTR else {
        throw SocketFailure("poll")
      }
      // The servers first: what they were sent before the client's end is theirs.
      if entries[1].revents != 0 { accept() }
      for index in servers.indices { serve(index) }
      if entries[0].revents != 0 { moveClient() }
    }
    accept()
    for index in servers.indices { serve(index) }
    outcome.upstreams = servers.map(\.received)
    return outcome
  }

  private mutating func accept() {
    while true {
      let number = Glibc.accept(listener.number, nil, nil)
      guard number >= 0 else { return }
      _ = fcntl(number, F_SETFD, FD_CLOEXEC)
      _ = fcntl(number, F_SETFL, O_NONBLOCK)
      servers.append(WireServer(Descriptor(owning: number), continuation: script.continuation))
    }
  }

  private mutating func serve(_ index: Int) {
    let script = script
    servers[index].move(into: &outcome.requests) { script.answer($0, $1) }
  }

  private mutating func moveClient() {
    receive()
    // The next piece, once the proxy has said something to the last one.
    if unsent.isEmpty, piecesSent < script.pieces.count, outcome.received.count > receivedBefore {
      receivedBefore = outcome.received.count
      unsent = script.pieces[piecesSent]
      piecesSent += 1
    }
    guard !unsent.isEmpty, !isOver else { return }
    let count = unsent.withUnsafeBytes { send(client.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count > 0 {
      unsent.removeFirst(count)
    } else if errno != EAGAIN {
      // The proxy takes no more; what it said is still to be read.
      unsent = []
      piecesSent = script.pieces.count
    }
  }

  private mutating func receive() {
    withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
      while true {
        let count = recv(client.number, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
          outcome.received += buffer[..<count]
          continue
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        isOver = true
        outcome.end = count == 0 ? .closed : .reset
        return
      }
    }
  }
}
