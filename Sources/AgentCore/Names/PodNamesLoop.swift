internal import Kernel
internal import Logging
internal import NameService

/// The thread behind `PodNames`: takes connections, and with the first words of each the pod's sockets; when one ends, its
/// sockets are given up. It answers no question.
struct PodNamesLoop: ~Copyable {
  private let door: PodNames.Door
  private let names: MeshNameServer
  private let users: Set<UInt32>
  private let log: Logger
  private var loop: Epoll
  private var guests: [UInt64: Guest] = [:]
  private var lastGuest = Token.firstGuest
  private var isResting = false

  private enum Token {
    static let bell: UInt64 = 0
    static let listener: UInt64 = 1
    static let firstGuest: UInt64 = 16
  }

  /// A connection, and what came of its sockets once they came.
  private struct Guest {
    let line: Line
    var adoption: Task<Adoption?, Never>?
  }

  /// The connection, which answers from whatever task knows the answer.
  final class Line: Sendable {
    let socket: Kernel.FileDescriptor
    init(_ socket: consuming Kernel.FileDescriptor) { self.socket = socket }

    /// The peer waits for these few bytes; where it does not take them it is gone.
    func say(_ words: String) { _ = Array("\(words)\n".utf8).withUnsafeBytes { socket.transmit($0) } }

    /// The peer hears that the sockets are not served any more, and may hand them over anew.
    func end() { socket.finishWriting() }
  }

  init(_ door: PodNames.Door, names: MeshNameServer, users: Set<UInt32>, log: Logger) throws(SystemError) {
    self.door = door
    self.names = names
    self.users = users
    self.log = log
    loop = try Epoll()
    loop.add(door.bell.descriptor, .readable, token: Token.bell)
    loop.add(door.listener, .readable, token: Token.listener)
  }

  /// Until the bell rings.
  mutating func run() {
    while true {
      let count = loop.wait(timeout_ms: isResting ? PodNamesLimit.rest_ms : -1)
      if isResting {
        isResting = false
        loop.add(door.listener, .readable, token: Token.listener)
      }
      for index in 0..<count {
        switch loop.event(index).token {
        case Token.bell: return
        case Token.listener: admit()
        case let number: hear(number)
        }
      }
    }
  }

  private mutating func admit() {
    guard let socket = door.listener.acceptAny() else {
      loop.remove(door.listener)
      isResting = true
      return
    }
    let line = Line(socket)
    guard let peer = UnixSocket.peer(of: line.socket), peer.uid == 0 || users.contains(peer.uid) else {
      return line.say("refused only root and the proxies' user may hand over sockets; see --proxy-user of weft-agent")
    }
    guard guests.count < PodNamesLimit.pods else {
      log.warning("a pod's names are not answered: \(PodNamesLimit.pods) pods have theirs answered already")
      return line.say("refused \(PodNamesLimit.pods) pods have their names answered already")
    }
    lastGuest += 1
    guests[lastGuest] = Guest(line: line)
    loop.add(line.socket, .readable, token: lastGuest)
  }

  private mutating func hear(_ number: UInt64) {
    guard let guest = guests[number] else { return }
    // Nothing is to come after the sockets but the end.
    guard guest.adoption == nil, let handed = receive(guest.line) else { return dismiss(number) }
    let (names, log, line) = (names, log, guest.line)
    guests[number]?.adoption = Task {
      do {
        let adoption = try await names.adopt(handed.sockets, whenLost: { line.end() })
        line.say("served")
        log.info("names are answered in the pod of proxy \(handed.proxy)")
        return adoption
      } catch {
        line.say("refused \(error)")
        log.warning("names are not answered in the pod of proxy \(handed.proxy): \(error)")
        return nil
      }
    }
  }

  /// Nil where none came, or none that are taken.
  private func receive(_ line: Line) -> HandedSockets? {
    do {
      let message = try UnixSocket.receive(limit: PodNamesLimit.greeting_bytes, from: line.socket)
      if message.bytes.isEmpty, message.descriptors.isEmpty { return nil }
      return try HandedSockets(message.bytes, message.descriptors)
    } catch {
      line.say("refused \(error)")
      log.warning("sockets for names are not taken: \(error)")
      return nil
    }
  }

  private mutating func dismiss(_ number: UInt64) {
    guard let guest = guests.removeValue(forKey: number) else { return }
    loop.remove(guest.line.socket)
    guard let adoption = guest.adoption else { return }
    let names = names
    Task { if let adoption = await adoption.value { names.release(adoption) } }
  }
}
