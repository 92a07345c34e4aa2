internal import Authority
internal import MeshModel
internal import PeerService
internal import Replication

/// What other hosts ask of this one.
struct PeerDoor: PeerHandler {
  let network: Network
  let hosts: Trust
  let mesh: Mesh

  func join(_ application: JoinApplication) async throws -> Admission { try await network.admit(application) }

  func sign(_ id: SPIFFEID, request: [UInt8], host: String) async throws -> (chain: [[UInt8]], roots: [[UInt8]]) {
    try await hosts.sign(id, request: request)
  }

  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT {
    try await hosts.signJWT(id, for: audiences)
  }

  func delegate(_ owner: OwnerID, request: [UInt8]) async throws -> [UInt8] {
    try await hosts.delegate(owner, request: request)
  }

  func confirm(_ credential: OwnerCredential) async throws -> [UInt8] {
    let confirmed = try await hosts.confirm(credential)
    await network.note(credential: confirmed, of: credential.owner)
    return confirmed
  }

  func trust() async throws -> TrustAnswer { try await hosts.answer() }

  func handovers() async -> [Handover] { await hosts.handovers() }

  func forgottenRoots() async -> [[UInt8]] { await hosts.forgottenRoots() }

  func greeted(by owner: OwnerID, credential: [UInt8]) async { await network.note(credential: credential, of: owner) }

  func metCopy(at ip: IPAddress) async { await network.metCopy(at: ip) }

  func receive(_ message: [UInt8], from owner: OwnerID) async { await mesh.receive(message, from: owner) }
}
