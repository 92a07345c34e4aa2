public import MeshModel

/// What is known of an address that programs of the workload are asked from.
public struct PeerStanding: Hashable, Sendable {
  /// Whether it is an endpoint of some service of the mesh.
  public var isEndpoint: Bool
  /// Whether a service that it is an endpoint of tells the truth about clients.
  public var forwardsClients: Bool
  /// Whether a proxy takes the mesh's transport there.
  public var isMeshed: Bool
  /// Who that proxy must prove to be; nil where nobody says it, or not all say the same.
  public var identity: SPIFFEID?

  /// A standing.
  public init(
    isEndpoint: Bool,
    forwardsClients: Bool = false,
    isMeshed: Bool = false,
    identity: SPIFFEID? = nil
  ) {
    self.isEndpoint = isEndpoint
    self.forwardsClients = forwardsClients
    self.isMeshed = isMeshed
    self.identity = identity
  }
}

/// The standing of peers whose services a snapshot leaves out, since the workload never asks them anything.
struct PeerTable: Sendable {
  private var peers: [(ip: IPAddress, standing: PeerStanding)] = []
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
      peers.append((ip, standing))
    }
  }

  /// Whether the peer is an endpoint of the mesh.
  func isEndpoint(_ ip: IPAddress) -> Bool { index(of: ip) != nil }

  /// Whether it is one that forwards clients.
  func isForwarder(_ ip: IPAddress) -> Bool { standing(of: ip)?.forwardsClients ?? false }

  /// What is known of it; nil where it is no endpoint.
  func standing(of ip: IPAddress) -> PeerStanding? { index(of: ip).map { peers[$0].standing } }

  private func index(of ip: IPAddress) -> Int? {
    slots.first(hash.hash(high: ip.high, low: ip.low)) { peers[Int($0)].ip == ip }.map(Int.init)
  }
}
