internal import Foundation
internal import GRPCCore
internal import Membership
internal import MeshAPI
internal import MeshDocuments
internal import MeshModel
internal import MeshServices
internal import Registry
internal import SwiftProtobuf

/// What operators and programs ask: each method checks who asks, asks the mesh, and puts its answer into messages.
struct OperatorService: Weft_Agent_V1_Agent.SimpleServiceProtocol {
  let mesh: Mesh
  let trust: Trust
  let network: Network

  func status(request: Weft_Agent_V1_StatusRequest, context: ServerContext) async throws -> Weft_Agent_V1_StatusReply {
    await network.status()
  }

  // MARK: The mesh

  func services(
    request: Weft_Agent_V1_ServicesRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_ServicesReply {
    await mesh.listServices(namespace: request.namespace, name: request.name)
  }

  func endpoints(
    request: Weft_Agent_V1_EndpointsRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_EndpointsReply {
    await mesh.listEndpoints(namespace: request.namespace, name: request.name)
  }

  func members(request: Weft_Agent_V1_MembersRequest, context: ServerContext) async throws -> Weft_Agent_V1_MembersReply
  {
    await network.members()
  }

  func createToken(
    request: Weft_Agent_V1_CreateTokenRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_CreateTokenReply {
    try context.requireOperator(to: "let hosts join")
    return try await Refusals.told { try await network.createToken(request) }
  }

  func forget(request: Weft_Agent_V1_ForgetRequest, context: ServerContext) async throws -> Weft_Agent_V1_ForgetReply {
    try context.requireOperator(to: "forget hosts")
    return try await Refusals.told {
      var reply = Weft_Agent_V1_ForgetReply()
      reply.records = UInt32(clamping: try await network.forget(request.hostName, fingerprint: request.fingerprint))
      return reply
    }
  }

  // MARK: Authorities

  func authorities(
    request: Weft_Agent_V1_AuthoritiesRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_AuthoritiesReply {
    try await Refusals.told { try await network.authoritiesReply() }
  }

  func grantAuthority(
    request: Weft_Agent_V1_ChangeAuthorityRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_AuthoritiesReply {
    try context.requireOperator(to: "say who signs")
    return try await Refusals.told {
      try await network.grantAuthority(request.hostName, fingerprint: request.fingerprint)
    }
  }

  func revokeAuthority(
    request: Weft_Agent_V1_ChangeAuthorityRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_AuthoritiesReply {
    try context.requireOperator(to: "say who signs")
    return try await Refusals.told {
      try await network.revokeAuthority(request.hostName, fingerprint: request.fingerprint)
    }
  }

  // MARK: Identities

  func identity(
    request: Weft_Agent_V1_IdentityRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_IdentityReply {
    await trust.identityReply()
  }

  func rotate(request: Weft_Agent_V1_RotateRequest, context: ServerContext) async throws -> Weft_Agent_V1_IdentityReply
  {
    try context.requireOperator(to: "rotate keys")
    return try await Refusals.told { try await trust.rotate(request.scope) }
  }

  func forgetRoot(
    request: Weft_Agent_V1_ForgetRootRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_ForgetRootReply {
    if !request.dryRun { try context.requireOperator(to: "forget roots") }
    return try await Refusals.told { try await network.forgetRoot(request) }
  }

  func putWorkload(
    request: Weft_Agent_V1_PutWorkloadRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_PutWorkloadReply {
    try context.requireOperator(to: "register workloads")
    return try await Refusals.told { try await trust.put(request) }
  }

  func deleteWorkload(
    request: Weft_Agent_V1_DeleteWorkloadRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_PutWorkloadReply {
    try context.requireOperator(to: "unregister workloads")
    return try await Refusals.told { try await trust.delete(request) }
  }
}
