internal import Replication

/// Which mesh, and which host of it.
struct MeshIdentity: Sendable {
  /// The mesh's name.
  let meshName: String
  /// The trust domain of all its identities.
  let trustDomain: String
  /// Who this host is to others.
  let owner: OwnerID

  var hostName: String { owner.name }
}
