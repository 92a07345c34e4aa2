@testable import Replication

/// A mesh in which all hosts hold all services already: `perHost` services on each of `hosts` hosts.
struct StandingMesh {
  let hosts: Int
  let store: Store

  init(hosts: Int, perHost: Int) throws {
    self.hosts = hosts
    let now = Moment(monotonic_ms: 0, wall_ms: SimulatedMesh.wallStart_ms - 86_400_000)
    var store = Store()
    for index in 0..<hosts {
      let owner = OwnerID.host(index)
      var replica = Replica(
        owner: owner,
        credential: SimulatedKeyring.credential(of: owner),
        keyring: SimulatedKeyring(owner: owner),
        seed: 0,
        restoring: [],
        now: now
      )
      _ = try replica.write((0..<perHost).map { .endpoint(index * perHost + $0, 0) }, now: now)
      if let set = replica.store[owner] { store.put(set, offered: true) }
    }
    self.store = store
  }

  func mesh(seed: UInt64, network: SimulatedNetwork) -> SimulatedMesh {
    SimulatedMesh(sharing: store, hosts: hosts, seed: seed, network: network)
  }
}

extension RecordKey {
  static func service(_ number: Int) -> RecordKey {
    RecordKey(kind: .endpoints, namespace: "shop", name: "service-\(number)")
  }

  static func policy(_ number: Int) -> RecordKey {
    RecordKey(kind: .policy, namespace: "shop", name: "policy-\(number)")
  }
}

extension Write {
  /// The endpoint of a service, as some 60 bytes.
  static func endpoint(_ service: Int, _ generation: Int) -> Write {
    let text = "10.\(service >> 8 & 255).\(service & 255).1:8080 zone=eu-west-1a generation=\(generation)"
    return Write(.service(service), .bound, Array(text.utf8))
  }

  static func document(_ number: Int, _ text: String?) -> Write {
    Write(.policy(number), .lasting, text.map { Array($0.utf8) })
  }
}
