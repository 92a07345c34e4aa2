internal import Membership
internal import MeshModel
internal import PeerService

/// What an open network is made of, but for the port.
struct NetworkLinks: Sendable {
  let trust: PeerTrust
  let clients: PeerClients
  let serf: SerfMembership
  let gossipKey: GossipKey
  /// Where other agents reach this one.
  let address: SocketAddress
  /// Where their Serfs reach this one's.
  let gossipAddress: SocketAddress
}
