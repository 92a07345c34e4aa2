internal import MeshAPI
internal import Membership
internal import MeshModel
internal import Replication

/// The other hosts: who they are, and how they are let in.
actor Network {
  let identity: MeshIdentity
  let membership: any Membership

  init(_ identity: MeshIdentity, membership: any Membership) {
    self.identity = identity
    self.membership = membership
  }

  func members() async -> Weft_Agent_V1_MembersReply {
    var reply = Weft_Agent_V1_MembersReply()
    reply.members = await membership.members().map { member in
      var told = Weft_Agent_V1_MembersReply.Member()
      told.name = member.name
      told.address = member.tags.peerAddress.description
      told.status = member.status.rawValue
      told.fingerprint = member.owner.description
      told.isAuthority = member.tags.role == .authority
      told.isSelf = member.owner == identity.owner
      return told
    }
    return reply
  }

  func createToken(_ request: Weft_Agent_V1_CreateTokenRequest) async throws -> Weft_Agent_V1_CreateTokenReply {
    throw MeshRefusal("this agent serves a single host")
  }
}
