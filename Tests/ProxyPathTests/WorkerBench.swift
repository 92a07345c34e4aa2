import Discovery
import Glibc
import Journal
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Reactor
import Testing
import WeftTestKit

/// One worker whose loop the test turns itself, and the seat through which the agent's side, played by the test, speaks to
/// it. Clients connect over loopback; where they meant to go is said, for there is no redirection here.
final class WorkerBench {
  let worker: Worker
  let fleet: Fleet
  let snapshots: SnapshotStore
  let seat: DiscoverySeat

  /// A service's virtual address, which nobody has.
  static let virtual = IPAddress(v4: 0xf000_0001)

  /// With the agent connected, unless told otherwise.
  init(isLive: Bool = true) throws {
    let bell = try RecorderBell()
    let tap = Tap()
    let inbox = try LookupInbox(workers: 1)
    fleet = Fleet(count: 1, bell: bell, tap: tap, inbox: inbox)
    let recorder = Recorder(
      outboxes: fleet.outboxes,
      bell: bell,
      journal: try JournalLog(mode: .none, identifier: "weft-proxy"),
      attribution: FlowAttribution(finder: nil),
      tap: tap,
      origin: "bench"
    )
    snapshots = SnapshotStore(path: nil, workload: .unlabelled)
    seat = DiscoverySeat(inbox, fleet: fleet, snapshots: snapshots, recorder: recorder)
    worker = try fleet.make(
      0,
      epoch: 1,
      limits: WorkerLimits(ProxySettings(), connections: 100),
      listeners: WorkerListeners(),
      keeper: Gatekeeper(
        ownPorts: OwnPorts(ProxySettings()),
        loopGuard: LoopGuard(),
        policy: snapshots.table,
        policyVersion: snapshots.version,
        rules: snapshots.rules
      ),
      rules: snapshots.rules
    )
    if isLive { seat.setLive(true) }
    worker.turn(timeout_ms: 0)
  }

  /// A program's connection to `destination`: the program's end of it.
  func client(to destination: SocketAddress, _ direction: Direction = .outbound) throws -> Held {
    let pair = try StreamPair.tcp()
    guard let source = pair.one.localAddress() else { throw SystemError("getsockname") }
    let (client, accepted) = pair.split()
    let socket = accepted.give()
    worker.turn(timeout_ms: 0)
    let arrival = Arrival(socket, from: source, direction, now_ns: worker.now_ns)
    switch direction {
    case .outbound: worker.admit(arrival, Outbound(keeper: worker.keeper).judge(destination))
    case .inbound:
      let now_s = Int64(Clock.realtime_us() / 1_000_000)
      worker.admit(arrival, Inbound(keeper: worker.keeper, now_s: now_s).judge(destination, from: source))
    }
    worker.ringForLookups()
    return client
  }

  /// Turns the loop until `fact` gives something.
  func turns<Fact>(_ what: String, _ fact: () throws -> Fact?) throws -> Fact {
    let deadline = Deadline()
    while !deadline.isOver {
      if let seen = try fact() { return seen }
      worker.turn(timeout_ms: 5)
    }
    throw TestKitError("not in time: \(what)")
  }

  /// Turns the loop as often as a thing that is not to happen would need by far.
  func idle() { for _ in 0..<10 { worker.turn(timeout_ms: 2) } }

  /// What the agent is asked next.
  func question() throws -> [LookupKey] {
    try turns("a question") {
      let keys = seat.wanted()
      return keys.isEmpty ? nil : keys
    }
  }

  /// The agent's answer: these services are in force from now on, and these questions are settled.
  func answer(
    _ services: [Service] = [],
    peers: [IPAddress: PeerStanding] = [:],
    settled: [LookupKey]
  ) throws {
    seat.publish(
      try Snapshot(policies: [], mesh: MeshConfiguration(services: services)),
      peers: peers,
      settled: settled
    )
  }

  /// Reads what comes, up to so many bytes at once.
  func read(_ client: Held) throws -> String {
    try turns("bytes") { try client.read().map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Reads an answer of HTTP whole, by its content-length, and returns its body.
  func body(_ client: Held) throws -> String {
    var text = ""
    return try turns("an answer") {
      text += try client.read().map { String(decoding: $0, as: UTF8.self) } ?? ""
      guard let end = text.firstRange(of: "\r\n\r\n"),
        let length = text.lowercased().firstMatch(of: #/content-length: (\d+)/#).flatMap({ Int($0.1) }),
        text[end.upperBound...].utf8.count >= length
      else { return nil }
      return String(text[end.upperBound...])
    }
  }

  /// The records of connections that have ended since the last look.
  func ended() -> [PathEvent] {
    var events: [PathEvent] = []
    while let event = worker.outbox.ring.pop() {
      if event.held >= 0 { _ = FileDescriptor(owning: event.held) }
      event.hello?.deallocate()
      if event.kind == .closed { events.append(event) }
    }
    return events
  }

  /// The records of requests since the last look.
  func requests() -> [RequestEvent] {
    var events: [RequestEvent] = []
    while let event = worker.outbox.requests.pop() { events.append(event) }
    return events
  }
}

/// A program that listens, on the test's own thread: whoever turns the loop asks it now and then.
final class BenchServer {
  private let listener: FileDescriptor
  let address: SocketAddress
  private(set) var connections: [Held] = []
  private var heard: [String] = []

  init(_ ip: IPAddress = IPAddress(v4: 0x7f00_0001)) throws {
    listener = try FileDescriptor.listener(on: SocketAddress(ip, port: 0))
    guard let address = listener.localAddress() else { throw SystemError("getsockname") }
    self.address = address
  }

  /// Takes who has connected.
  func accept() {
    while case .connection(let socket, _) = listener.acceptConnection() {
      connections.append(Held(socket.release()))
      heard.append("")
    }
  }

  /// How many have connected so far.
  var count: Int {
    accept()
    return connections.count
  }

  /// Answers each whole request with `body`; returns the heads.
  func serve(_ body: String) throws -> [String] {
    accept()
    var heads: [String] = []
    for index in connections.indices {
      heard[index] += try connections[index].read().map { String(decoding: $0, as: UTF8.self) } ?? ""
      while let end = heard[index].firstRange(of: "\r\n\r\n") {
        heads.append(String(heard[index][..<end.lowerBound]))
        heard[index].removeSubrange(..<end.upperBound)
        _ = connections[index].write("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
      }
    }
    return heads
  }

  /// A service whose one endpoint is this.
  func service(
    _ name: String,
    in namespace: String = "default",
    at ip: IPAddress? = nil,
    port: UInt16,
    appProtocol: Service.AppProtocol = .unspecified
  ) -> Service {
    Service(
      namespace: namespace,
      name: name,
      addresses: ip.map { [$0] } ?? [],
      ports: [.init(port: port, appProtocol: appProtocol, endpoints: [Endpoint(address)])]
    )
  }
}
