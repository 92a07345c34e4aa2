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

  // MARK: Documents

  func apply(request: Weft_Agent_V1_ApplyRequest, context: ServerContext) async throws -> Weft_Agent_V1_ApplyReply {
    if !request.dryRun { try context.requireOperator(to: "apply documents") }
    let sources = request.sources.map { DocumentSource(name: $0.name, bytes: [UInt8]($0.text)) }
    return try await Refusals.told { Weft_Agent_V1_ApplyReply(try await mesh.apply(sources, isDryRun: request.dryRun)) }
  }

  func get(request: Weft_Agent_V1_GetRequest, context: ServerContext) async throws -> Weft_Agent_V1_GetReply {
    var kinds: Set<String>?
    if !request.kind.isEmpty {
      guard let kind = KindNames.kind(of: request.kind) else {
        throw RPCError(
          code: .invalidArgument,
          message: "\"\(request.kind)\" is no kind of document; \(KindNames.suggestion(for: request.kind))"
        )
      }
      kinds = [kind]
    }
    let accounts = await mesh.accounts(kinds: kinds, namespace: request.namespace, name: request.name)
    return Weft_Agent_V1_GetReply.with { $0.documents = accounts.map(Weft_Agent_V1_GetReply.Document.init) }
  }

  func delete(request: Weft_Agent_V1_DeleteRequest, context: ServerContext) async throws -> Weft_Agent_V1_ApplyReply {
    if !request.dryRun { try context.requireOperator(to: "delete documents") }
    let keys = request.keys.map { DocumentKey(kind: $0.kind, namespace: $0.namespace, name: $0.name) }
    return try await Refusals.told { Weft_Agent_V1_ApplyReply(try await mesh.delete(keys, isDryRun: request.dryRun)) }
  }

  // MARK: This host's instances

  func register(
    request: Weft_Agent_V1_RegisterRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_RegisterReply {
    let owner = RegistryOwner.user(try context.caller.uid)
    let source = DocumentSource(name: request.source, bytes: [UInt8](request.text))
    let reading = RegistrationDocuments.read([source])
    var reply = Weft_Agent_V1_RegisterReply()
    reply.issues = reading.issues.map(Weft_Agent_V1_Issue.init)
    reply.issuesLeftOut = UInt32(clamping: reading.leftOut)
    guard !reading.registrations.isEmpty else { return reply }
    reply.registered = try await told("registrations_refused", owner) {
      try await mesh.registerAndTell(reading.registrations, owner: owner)
    }
    return reply
  }

  func deregister(
    request: Weft_Agent_V1_DeregisterRequest,
    context: ServerContext
  ) async throws -> Weft_Agent_V1_RegisterReply {
    let owner = RegistryOwner.user(try context.caller.uid)
    let key = Registration.Key(namespace: request.namespace, name: request.name, instance: request.instance)
    try await told("registrations_refused", owner) { try await mesh.deregister(key, owner: owner) }
    return Weft_Agent_V1_RegisterReply()
  }

  func report(request: Weft_Agent_V1_ReportRequest, context: ServerContext) async throws -> Weft_Agent_V1_ReportReply {
    let owner = RegistryOwner.user(try context.caller.uid)
    let outcome: CheckOutcome
    switch request.result {
    case .passing: outcome = .passing
    case .warning: outcome = .warning
    case .failing: outcome = .failing
    case .UNRECOGNIZED(let number): throw RPCError(code: .invalidArgument, message: "result \(number) is not known")
    }
    try await told("reports_refused", owner) {
      try await mesh.report(
        Registration.Key(namespace: request.namespace, name: request.name, instance: request.instance),
        check: request.check.isEmpty ? nil : request.check,
        outcome,
        output: request.output,
        owner: owner
      )
    }
    return Weft_Agent_V1_ReportReply()
  }

  /// What any user of the host may ask, and so as often as it likes: a refusal is counted, and told in the journal too.
  private func told<Value: Sendable>(
    _ counter: String,
    _ owner: RegistryOwner,
    _ body: () async throws -> Value
  ) async throws -> Value {
    do { return try await Refusals.told(body) } catch let refused as RPCError {
      if let refusal = refused.cause as? RegistryRefusal { await mesh.note(refusal, of: owner, counter: counter) }
      throw refused
    }
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
