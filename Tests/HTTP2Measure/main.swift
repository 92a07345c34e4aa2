// What a session of the data path costs: time for a request and its response, and memory. docs/http2.md has the figures and says
// how they are got; it is no test, and built with all else lest it rots.
import Glibc
import HTTP2

/// A client and a server whose bytes are handed over without a socket.
final class Measured {
  private var client: PathSession
  private var server: PathSession
  private let scratch = PathScratch()
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 64)
  private var request = PathFieldBuffer()
  private var response = PathFieldBuffer()
  /// 150 bytes.
  private let body = [UInt8](repeating: 0x61, count: 150)
  private(set) var responses = 0
  /// Nanoseconds in each session's calls.
  private(set) var client_ns: UInt64 = 0
  private(set) var server_ns: UInt64 = 0
  private(set) var outputs = 0

  init() throws {
    let client = try PathSession(role: .client)
    let server = try PathSession(role: .server)
    self.client = client
    self.server = server
    // Eight fields each, as a proxy sends them to another: what all requests share, and what each has its own.
    _ =
      request.append(":method", "POST") && request.append(":scheme", "https")
      && request.append(":path", "/api/v1/items/4711")
      && request.append(":authority", "items.shop.svc.cluster.local")
      && request.append("user-agent", "python-requests/2.31")
      && request.append("accept", "*/*") && request.append("content-length", "150")
      && request.append("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    _ =
      response.append(":status", "200") && response.append("content-type", "application/json")
      && response.append("content-length", "150") && response.append("date", "Sun, 29 Nov 2026 16:00:00 GMT")
      && response.append("server", "nginx/1.22.1") && response.append("cache-control", "no-store")
      && response.append("vary", "accept-encoding")
      && response.append("x-request-id", "6b1f0c1e-8f5e-4c1b-9a53-0f2f7d1c9e11")
  }

  deinit {
    memory.deallocate()
    spare.deallocate()
  }

  /// Asks with `width` requests at a time until `count` were answered.
  func run(_ count: Int, width: Int) throws {
    let end = responses + count
    while responses < end {
      let started = now()
      var output = PathOutput(memory)
      for _ in 0..<width {
        let stream = try request.withList { list in try client.submitRequest(list, endsStream: false, scratch) }
        let sent = body.withUnsafeBytes { client.send($0, on: stream, isLast: true, into: &output, scratch) }
        guard sent.next == .done else { fatalError("a request did not fit: \(sent)") }
      }
      while let event = scratch.next() { drop(event) }
      let asked = now()
      client_ns += asked - started
      try answer(output.bytes, width)
      server_ns &+= now() - asked
    }
  }

  /// The server's turn, and at its end the client's with what it sent.
  private func answer(_ bytes: UnsafeRawBufferPointer, _ width: Int) throws {
    outputs += 1
    let received = server.receive(bytes, now_ms: 0, scratch)
    guard received.taken == bytes.count, !received.isPaused else { fatalError("the server paused") }
    let answerMemory = UnsafeMutableRawBufferPointer(start: spare, count: PathOutput.recordBytes)
    var output = PathOutput(answerMemory)
    while let event = scratch.next() {
      switch event.kind {
      case .data(_, let count): server.consume(Int(count), of: event.stream)
      case .bodyEnded:
        try response.withList { list in
          try server.submitResponse(list, on: event.stream, endsStream: false, scratch)
        }
        let sent = body.withUnsafeBytes { server.send($0, on: event.stream, isLast: true, into: &output, scratch) }
        guard sent.next == .done else { fatalError("a response did not fit: \(sent)") }
      default: drop(event)
      }
    }
    if server.wantsOutput { server.takeOutput(into: &output, scratch) }
    let answered = now()
    read(output.bytes)
    let took = now() - answered
    // It is counted as the server's by the caller.
    client_ns += took
    server_ns &-= took
  }

  private func read(_ bytes: UnsafeRawBufferPointer) {
    let received = client.receive(bytes, now_ms: 0, scratch)
    guard received.taken == bytes.count, !received.isPaused else { fatalError("the client paused") }
    while let event = scratch.next() {
      switch event.kind {
      case .data(_, let count): client.consume(Int(count), of: event.stream)
      case .closed(_, .complete): responses += 1
      default: drop(event)
      }
    }
    guard client.wantsOutput else { return }
    var output = PathOutput(memory)
    client.takeOutput(into: &output, scratch)
    let taken = server.receive(output.bytes, now_ms: 0, scratch)
    guard taken.taken == output.count else { fatalError("the server paused") }
    while let event = scratch.next() { drop(event) }
  }

  private let spare = UnsafeMutableRawPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 64)

  private func drop(_ event: PathEvent) {
    if case .refused(let refusal) = event.kind { fatalError("refused: \(refusal)") }
  }

  private func now() -> UInt64 { time_ns(CLOCK_MONOTONIC) }
}

func time_ns(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Pages that the program has touched, in bytes.
func resident() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let words = text.split(separator: " ")
  return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
}

/// Sessions that have spoken once and have nothing to do.
struct Idle: ~Copyable {
  private var session: PathSession

  init(_ role: PathSession.Role, _ scratch: PathScratch, _ memory: UnsafeMutableRawBufferPointer) throws {
    session = try PathSession(role: role)
    let preface = role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
    // An empty SETTINGS frame, and the answer to ours.
    receive(preface + [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0], scratch)
    _ = session.takeOutput(into: memory, scratch)
  }

  mutating func receive(_ bytes: [UInt8], _ scratch: PathScratch) {
    _ = bytes.withUnsafeBytes { session.receive($0, now_ms: 0, scratch) }
    while scratch.next() != nil {}
  }
}

final class IdleBox {
  var idle: Idle
  init(_ idle: consuming Idle) { self.idle = idle }
}

func measureMemory() throws {
  let scratch = PathScratch()
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 64)
  let count = 2000
  // Those of the first role stay, so that the second does not get their memory.
  var boxes: [IdleBox] = []
  for role in [PathSession.Role.client, .server] {
    boxes.reserveCapacity(boxes.count + count)
    let pages = resident()
    for _ in 0..<count { boxes.append(IdleBox(try Idle(role, scratch, memory))) }
    print("idle \(role): \((resident() - pages) / count) bytes resident")
  }
  withExtendedLifetime(boxes) {}
}

try measureMemory()
for width in [1, 32] {
  let measured = try Measured()
  try measured.run(20_000, width: width)
  let (client, server, outputs, responses) = (
    measured.client_ns, measured.server_ns, measured.outputs, measured.responses
  )
  let started_ns = time_ns(CLOCK_PROCESS_CPUTIME_ID)
  try measured.run(400_000, width: width)
  // The processor's time, so that others on the machine do not count, shared out as the clock on the wall says.
  let both_ns = Double(time_ns(CLOCK_PROCESS_CPUTIME_ID) - started_ns) / Double(measured.responses - responses)
  let client_ns = Double(measured.client_ns - client)
  let share = client_ns / (client_ns + Double(measured.server_ns - server))
  print(
    "\(width) in flight: client \(Int(both_ns * share)) ns, server \(Int(both_ns * (1 - share))) ns for each request;",
    "\((measured.responses - responses) / (measured.outputs - outputs)) requests in each output"
  )
}
