internal import GRPCCore
internal import MeshAPI
internal import MeshDocuments
internal import Registry

/// The instances that this host's users have registered.
extension OperatorService {
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
}
