// The client of the latency figures: an open loop. Arrivals are a Poisson process drawn from a seed, so every proxy
// sees the same ones; each is served by an idle keep-alive connection or waits for one, and its latency counts from the
// moment it was due, so a proxy that falls behind cannot hide it (no coordinated omission).
//
// Debian's tools do not do this: wrk has no rate, and h2load 1.52 paces by timers so coarse that requests burst
// (12,000 a second over 64 connections: up to 40 in one millisecond, and a p50 of 244 µs where this one sees 100).
// scripts/bench.d/latency.py compiles this file.
//
// Usage: paced ADDRESS PORT CONNECTIONS RATE WARM_MS COUNTED_MS SEED PATH
// Prints `COUNT P50_NS P99_NS LATE_P99_NS`; LATE is how long after its due time a request was written, which tells a
// client short of CPU from a slow proxy. Exit 1 with a reason when an answer is not what the server sends.

import Glibc

/// What the server's answers end with, framing included: an answer is whole when these bytes have come.
let endOfAnswer = Array("\r\n\r\nok\n".utf8)
let startOfAnswer = Array("HTTP/1.1 200 ".utf8)
/// More arrivals than this waiting for a connection is a proxy that cannot carry the rate: there is no latency to tell.
let mostWaiting = 100_000
/// After the last arrival: a proxy with half the capacity needs as long as the run again, and a busy machine longer.
let patience_ns: UInt64 = 30_000_000_000

func fail(_ reason: String) -> Never {
  let line = Array("paced: \(reason)\n".utf8)
  write(STDERR_FILENO, line, line.count)
  exit(1)
}

func now_ns() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Exponential gaps from SplitMix64, so that the same seed gives the same arrivals.
struct Arrivals {
  var state: UInt64
  let meanGap_ns: Double

  mutating func nextGap_ns() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    let unit = Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    return UInt64(-log(1 - unit) * meanGap_ns)
  }
}

func connected(to address: String, port: UInt16) -> Int32 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var peer = sockaddr_in()
  peer.sin_family = sa_family_t(AF_INET)
  peer.sin_port = port.bigEndian
  guard inet_pton(AF_INET, address, &peer.sin_addr) == 1 else { fail("'\(address)' is no IPv4 address") }
  let code = withUnsafePointer(to: &peer) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard code == 0 else { fail("connect to \(address):\(port): \(String(cString: strerror(errno)))") }
  var one: Int32 = 1
  setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  return descriptor
}

/// One connection: the due time of the request it carries, 0 while it is idle.
struct Connection {
  let descriptor: Int32
  var due_ns: UInt64 = 0
  var received: [UInt8] = []
}

struct Run {
  var connections: [Connection]
  var idle: [Int]
  let request: [UInt8]
  /// Few connections, so poll's look at each is cheap; and ppoll's timeout is in nanoseconds, epoll_wait's is not.
  var polled: [pollfd]
  var latencies_ns: [UInt64] = []
  var lateness_ns: [UInt64] = []
  var scratch = [UInt8](repeating: 0, count: 16_384)

  init(_ descriptors: [Int32], request: [UInt8]) {
    connections = descriptors.map { Connection(descriptor: $0) }
    idle = Array(descriptors.indices.reversed())
    self.request = request
    polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  }

  mutating func ask(due_ns: UInt64, counts: Bool) {
    let index = idle.removeLast()
    connections[index].due_ns = due_ns
    if counts { lateness_ns.append(now_ns() - due_ns) }
    guard send(connections[index].descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { fail("a request could not be written: \(String(cString: strerror(errno)))") }
  }

  mutating func read(_ index: Int, countsFrom start_ns: UInt64) {
    let count = recv(connections[index].descriptor, &scratch, scratch.count, 0)
    guard count > 0 else { fail("a connection was closed by the proxy or the server") }
    connections[index].received += scratch[..<count]
    guard connections[index].received.suffix(endOfAnswer.count).elementsEqual(endOfAnswer) else { return }
    guard connections[index].received.starts(with: startOfAnswer) else {
      fail("not the answer asked for: \(String(decoding: connections[index].received.prefix(400), as: UTF8.self))")
    }
    let due_ns = connections[index].due_ns
    if due_ns >= start_ns { latencies_ns.append(now_ns() - due_ns) }
    connections[index].received.removeAll(keepingCapacity: true)
    idle.append(index)
  }

  /// Sleeps to the nanosecond, until an answer comes or the time is up.
  mutating func wait(until deadline_ns: UInt64, countsFrom start_ns: UInt64) {
    let left_ns = Int(deadline_ns) - Int(now_ns())
    var timeout = timespec(tv_sec: max(left_ns, 0) / 1_000_000_000, tv_nsec: max(left_ns, 0) % 1_000_000_000)
    guard ppoll(&polled, nfds_t(polled.count), &timeout, nil) > 0 else { return }
    for index in polled.indices where polled[index].revents != 0 { read(index, countsFrom: start_ns) }
  }

  mutating func carry(_ arrivals: Arrivals, warm_ns: UInt64, counted_ns: UInt64) {
    var arrivals = arrivals
    var waiting: [UInt64] = []
    var firstWaiting = 0
    let start_ns = now_ns() + warm_ns
    let end_ns = start_ns + counted_ns
    var due_ns = start_ns - warm_ns
    while due_ns < end_ns || idle.count < connections.count || firstWaiting < waiting.count {
      let time_ns = now_ns()
      guard time_ns < end_ns + patience_ns else { fail("30 s after the last request, answers are still missing") }
      while due_ns < min(end_ns, time_ns + 1) {
        waiting.append(due_ns)
        due_ns += arrivals.nextGap_ns()
      }
      while firstWaiting < waiting.count, !idle.isEmpty {
        ask(due_ns: waiting[firstWaiting], counts: waiting[firstWaiting] >= start_ns)
        firstWaiting += 1
      }
      if firstWaiting == waiting.count {
        waiting.removeAll(keepingCapacity: true)
        firstWaiting = 0
      }
      guard waiting.count - firstWaiting < mostWaiting else { fail("the rate cannot be carried") }
      wait(until: due_ns < end_ns ? due_ns : end_ns + patience_ns, countsFrom: start_ns)
    }
  }
}

func percentile(_ values: [UInt64], _ part: Double) -> UInt64 {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

let words = CommandLine.arguments
guard words.count == 9, let port = UInt16(words[2]), let count = Int(words[3]), let rate = Double(words[4]), rate > 0,
  let warm_ms = UInt64(words[5]), let counted_ms = UInt64(words[6]), let seed = UInt64(words[7])
else { fail("usage: paced ADDRESS PORT CONNECTIONS RATE WARM_MS COUNTED_MS SEED PATH") }

// The kernel may else wake a sleeper 50 µs late to save power (proc(5), timerslack_ns).
if let slack = fopen("/proc/self/timerslack_ns", "w") {
  fputs("1", slack)
  fclose(slack)
}
let descriptors = (0..<count).map { _ in connected(to: words[1], port: port) }
var run = Run(descriptors, request: Array("GET \(words[8]) HTTP/1.1\r\nHost: web\r\n\r\n".utf8))
run.carry(
  Arrivals(state: seed, meanGap_ns: 1e9 / rate),
  warm_ns: warm_ms * 1_000_000,
  counted_ns: counted_ms * 1_000_000
)
print(
  run.latencies_ns.count,
  percentile(run.latencies_ns, 0.5),
  percentile(run.latencies_ns, 0.99),
  percentile(run.lateness_ns, 0.99)
)
