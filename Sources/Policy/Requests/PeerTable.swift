internal import MeshModel

/// What is known of an address that programs of the workload are asked from.
public struct PeerStanding: Hashable, Sendable {
  /// Whether it is an endpoint of some service of the mesh.
  public var isEndpoint: Bool
  /// Whether a service that it is an endpoint of tells the truth about clients.
  public var forwardsClients: Bool

  /// A standing.
  public init(isEndpoint: Bool, forwardsClients: Bool = false) {
    self.isEndpoint = isEndpoint
    self.forwardsClients = forwardsClients
  }
}

/// The standing of peers whose services a snapshot leaves out, since the workload never asks them anything.
struct PeerTable: Sendable {
  private var peers: [(ip: IPAddress, forwardsClients: Bool)] = []
  private var slots: SlotTable<UInt32>
  private let hash: KeyHash

  /// The endpoints among `standings`; who is none needs no entry.
  init(_ standings: [IPAddress: PeerStanding], _ hash: KeyHash) {
    self.hash = hash
    let endpoints = standings.filter(\.value.isEndpoint)
    slots = SlotTable(capacity: endpoints.count)
    peers.reserveCapacity(endpoints.count)
    for (ip, standing) in endpoints {
      // A dictionary has each address once.
      slots.insert(hash.hash(high: ip.high, low: ip.low), UInt32(peers.count)) { _ in false }
      peers.append((ip, standing.forwardsClients))
    }
  }

  /// Whether the peer is an endpoint of the mesh.
  func isEndpoint(_ ip: IPAddress) -> Bool { index(of: ip) != nil }

  /// Whether it is one that forwards clients.
  func isForwarder(_ ip: IPAddress) -> Bool { index(of: ip).map { peers[$0].forwardsClients } ?? false }

  private func index(of ip: IPAddress) -> Int? {
    slots.first(hash.hash(high: ip.high, low: ip.low)) { peers[Int($0)].ip == ip }.map(Int.init)
  }
}
