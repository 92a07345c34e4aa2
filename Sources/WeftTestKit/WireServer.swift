internal import Glibc

/// One connection of the server of a `WireRun`: it writes down every byte and answers each whole message.
struct WireServer {
  private let socket: Descriptor
  private let continuation: [UInt8]
  private(set) var received: [UInt8] = []
  private var read = 0
  private var unsent: [UInt8] = []
  private var hasSaidContinue = false
  private var hasRefused = false
  private var isTunnel = false
  private var closesWhenSent = false
  private var isOver = false

  init(_ socket: Descriptor, continuation: [UInt8]) {
    self.socket = socket
    self.continuation = continuation
  }

  /// What poll(2) is to wait for; a negative descriptor is passed over.
  var interest: pollfd {
    let events = Int16(unsent.isEmpty ? POLLIN : POLLIN | POLLOUT)
    return pollfd(fd: isOver ? -1 : socket.number, events: events, revents: 0)
  }

  /// Reads, answers and sends what can be without waiting. Whole messages are added to `requests`.
  mutating func move(into requests: inout [WireRequest], answer: (Int, WireRequest) -> WireReply) {
    guard !isOver else { return }
    let isEnded = receive()
    while !isTunnel, !closesWhenSent, take(&requests, answer) {}
    if isTunnel { echo() }
    flush()
    if isEnded || (closesWhenSent && unsent.isEmpty) { close() }
  }

  /// Reads all there is; true at the end of the stream.
  private mutating func receive() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 1) { buffer in
      while true {
        let count = recv(socket.number, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
          received += buffer[..<count]
          continue
        }
        return count == 0 || (errno != EAGAIN && errno != EINTR)
      }
    }
  }

  private mutating func take(_ requests: inout [WireRequest], _ answer: (Int, WireRequest) -> WireReply) -> Bool {
    guard read < received.count else { return false }
    switch WireRequest.read(received[read...]) {
    case .partial(let awaitsContinue):
      if awaitsContinue, !hasSaidContinue {
        hasSaidContinue = true
        hasRefused = !continuation.starts(with: "HTTP/1.1 1".utf8)
        unsent += continuation
      }
      return false
    case .whole(let request, let count):
      read += count
      hasSaidContinue = false
      let isAnswered = hasRefused
      hasRefused = false
      switch isAnswered ? .say([]) : answer(requests.count, request) {
      case .say(let bytes):
        unsent += bytes
        closesWhenSent = request.first("connection")?.lowercased() == "close"
      case .sayAndClose(let bytes):
        unsent += bytes
        closesWhenSent = true
      case .tunnel(let bytes):
        unsent += bytes
        isTunnel = true
      }
      requests.append(request)
      return true
    }
  }

  private mutating func echo() {
    unsent += received[read...]
    read = received.count
    closesWhenSent = received.ends(with: WireReply.farewell)
  }

  private mutating func flush() {
    while !unsent.isEmpty {
      let count = unsent.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 {
        unsent.removeFirst(count)
      } else if errno == EAGAIN {
        return
      } else {
        unsent = []
      }
    }
  }

  private mutating func close() {
    isOver = true
    socket.close()
  }
}

extension [UInt8] {
  fileprivate func ends(with text: String) -> Bool {
    count >= text.utf8.count && suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
