import Foundation
import Glibc
import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Membership

/// Loopback addresses of one test: 127.x.y.1 and up, so that tests and runs at once do not meet.
struct GossipNet {
  private let network: UInt32
  let port: UInt16
  let key = GossipKey.random()

  init() throws {
    network = UInt32.random(in: 0x0001...0xfffe)
    port = try FreePort.find()
  }

  func address(_ number: UInt32) -> SocketAddress {
    SocketAddress(IPAddress(v4: 0x7f00_0000 | network << 8 | number), port: port)
  }
}

/// An agent's membership, run by a real Serf. It ends with the last reference.
final class GossipHost: Sendable {
  let membership: SerfMembership
  let configuration: SerfConfiguration
  let log = EventLog()
  private let directory: TemporaryDirectory
  private let running: Task<Void, Never>

  init(
    _ net: GossipNet,
    _ number: UInt32,
    name: String? = nil,
    join: [SocketAddress] = [],
    key: GossipKey? = nil,
    change: (inout SerfConfiguration) -> Void = { _ in }
  ) throws {
    directory = try TemporaryDirectory()
    let fingerprint = try #require(KeyFingerprint([UInt8](repeating: UInt8(number), count: 32)))
    var configuration = SerfConfiguration(
      name: name ?? "h\(number)",
      directory: directory.file("serf"),
      key: key ?? net.key,
      tags: MemberTags(key: fingerprint, peerAddress: SocketAddress(net.address(number).ip, port: 15012)),
      bind: net.address(number),
      join: join
    )
    change(&configuration)
    self.configuration = configuration
    let membership = try SerfMembership(configuration, output: { _ in })
    self.membership = membership
    let log = log
    running = Task {
      await withTaskGroup { group in
        group.addTask { try? await membership.run() }
        group.addTask { for await event in membership.events { await log.append(event) } }
      }
    }
  }

  deinit { running.cancel() }

  var own: Member { configuration.own }

  /// Ends the agent as `systemctl stop` would.
  func stop() async {
    running.cancel()
    await running.value
  }

  /// Ends Serf by KILL, and the agent before it could start another.
  func die() async throws {
    let child = try #require(await membership.child)
    kill(child, SIGKILL)
    running.cancel()
    await running.value
  }

  /// Waits until Serf gossips; no event says so.
  func isUp(starts: Int = 1) async throws {
    try await eventuallyAsync("\(own.name) gossips (start \(starts))") {
      let health = await membership.health
      return health.state == .running && health.starts >= starts
    }
  }
}

/// As `eventually`, for a fact that is awaited.
func eventuallyAsync(
  _ what: String,
  within limit: Duration = Deadline.usual,
  _ fact: () async throws -> Bool
) async throws {
  let deadline = Deadline(limit)
  while try await !fact() {
    guard !deadline.isOver else { throw TestKitError("not within \(limit): \(what)") }
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// The events of a host, and who waits for one.
actor EventLog {
  private(set) var events: [MembershipEvent] = []
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func append(_ event: MembershipEvent) {
    events.append(event)
    wake()
  }

  /// Waits for the event, or finds it among those that came.
  func wait(for event: MembershipEvent, within limit: Duration = Deadline.usual) async throws {
    try await wait("\(event)", within: limit) { $0 == event }
  }

  /// Waits for an event that matches.
  func wait(
    _ what: String,
    within limit: Duration = Deadline.usual,
    _ matches: @Sendable (MembershipEvent) -> Bool
  ) async throws {
    let deadline = Deadline(limit)
    let alarm = Task {
      try await Task.sleep(for: limit)
      wake()
    }
    defer { alarm.cancel() }
    while !events.contains(where: matches) {
      guard !deadline.isOver else { throw TestKitError("not within \(limit): \(what); there were \(events)") }
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func wake() {
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}
