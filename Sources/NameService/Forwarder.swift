internal import DNS
internal import MeshModel
internal import NIOCore

/// A forwarding table with its sockets and its clock: one for each reading of resolv.conf.
final class Forwarder {
  private(set) var table: ForwardTable
  /// Whether others are asked by now; it ends with its last question.
  var isRetired = false
  private unowned let desk: NameDesk
  private var sockets: [UInt16: ForwardSocket] = [:]
  private var timer: (task: Scheduled<Void>, due_ms: UInt64)?
  /// Ids must not be guessed.
  private var random = SystemRandomNumberGenerator()

  init(_ table: ForwardTable, _ desk: NameDesk) {
    self.table = table
    self.desk = desk
  }

  /// Asks; false where this very question of the client's waits already.
  func start(_ query: ForwardQuery, client: UInt64, of pod: NamesPod) -> Bool {
    let joined = table.counts.joined
    let actions = table.start(query, client: client, of: pod, now_ms: NameDesk.now_ms, using: &random)
    let isTaken = !actions.isEmpty || table.counts.joined != joined
    perform(actions)
    return isTaken
  }

  /// What came to the socket of one try. Only an answer to that try counts: one that guesses another's id would have to
  /// guess its port too (RFC 5452 section 9.2).
  func received(_ bytes: [UInt8], _ socket: ForwardSocket) {
    guard sockets[socket.id] === socket else { return }
    guard let header = MessageHeader(bytes), header.id == socket.id else {
      desk.counts.strayAnswers += 1
      return
    }
    perform(
      table.receive(bytes, from: socket.server, by: socket.transport, now_ms: NameDesk.now_ms, using: &random)
    )
  }

  /// A try came to nothing. `reason` completes the sentence that starts with the server's address.
  func failed(_ socket: ForwardSocket, _ reason: String) {
    guard sockets[socket.id] === socket else { return }
    perform(table.failed(id: socket.id, reason, now_ms: NameDesk.now_ms, using: &random))
  }

  /// Closes all sockets; nobody waits any more.
  func close() {
    timer?.task.cancel()
    timer = nil
    for socket in sockets.values { end(socket) }
    sockets = [:]
  }

  private func perform(_ actions: [ForwardTable.Action]) {
    guard !desk.isClosed else { return }
    var actions = actions[...]
    while let action = actions.popFirst() {
      switch action {
      case .reply(let bytes, let client): desk.reply(bytes, to: client)
      case .finished(let id): if let socket = sockets.removeValue(forKey: id) { end(socket) }
      case .send(let id, let bytes, let server, let transport):
        guard desk.forwardSockets < NameServiceLimit.forwardSockets else {
          desk.counts.tooManySockets += 1
          let reason = "is not asked: too many sockets are open"
          actions += table.failed(id: id, reason, now_ms: NameDesk.now_ms, using: &random)
          continue
        }
        desk.forwardSockets += 1
        let socket = ForwardSocket(id: id, server: server, transport: transport, forwarder: self)
        sockets[id] = socket
        socket.send(bytes, on: desk.loop)
      }
    }
    schedule()
    if isRetired, table.count == 0 { desk.finished(self) }
  }

  private func end(_ socket: ForwardSocket) {
    desk.forwardSockets -= 1
    socket.close()
  }

  /// Sees to it that `tick` comes when it is due.
  private func schedule() {
    guard let due_ms = table.nextDue_ms else {
      timer?.task.cancel()
      timer = nil
      return
    }
    if let timer, timer.due_ms <= due_ms { return }
    timer?.task.cancel()
    let deadline = NIODeadline.uptimeNanoseconds(due_ms * 1_000_000)
    let forwarder = NIOLoopBound(self, eventLoop: desk.loop)
    timer = (desk.loop.scheduleTask(deadline: deadline) { forwarder.value.tick() }, due_ms)
  }

  private func tick() {
    timer = nil
    perform(table.tick(now_ms: NameDesk.now_ms, using: &random))
  }
}
