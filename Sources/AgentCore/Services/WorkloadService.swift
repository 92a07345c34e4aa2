internal import Authority
internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import MeshModel
internal import MeshServices
internal import Replication

/// The SPIFFE Workload API. Who asks is told by the kernel, and what it may have by the registered selectors.
///
/// X.509-SVIDs are here, JWT-SVIDs in WorkloadService+JWT.swift.
struct WorkloadService: SpiffeWorkloadAPI.ServiceProtocol {
  let trust: Trust
  let streams: WorkloadStreams
  /// Whose processes are proxies.
  var proxyUser = AgentSettings.usualProxyUser

  func fetchX509SVID(
    request: ServerRequest<X509SVIDRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<X509SVIDResponse> {
    try follow(request, context) { try await svids(for: $0) }
  }

  func fetchX509Bundles(
    request: ServerRequest<X509BundlesRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<X509BundlesResponse> {
    try follow(request, context) { caller in
      try await requireNames(of: evidence(of: caller))
      var response = X509BundlesResponse()
      let bundle = await trust.bundle
      response.bundles = ["spiffe://\(bundle.trustDomain.name)": Data(bundle.roots.joined())]
      return response
    }
  }

  /// Answers with what `current` says of the caller, at once and whenever it says something else, until the client is gone.
  func follow<Request, Response: Equatable & Sendable>(
    _ request: ServerRequest<Request>,
    _ context: ServerContext,
    _ current: @escaping @Sendable (Caller) async throws -> Response
  ) throws -> StreamingServerResponse<Response> {
    try Self.requireHeader(request.metadata)
    let caller = try context.caller
    return StreamingServerResponse { writer in try await write(to: writer, of: caller) { try await current(caller) } }
  }

  private func write<Response: Equatable & Sendable>(
    to writer: RPCWriter<Response>,
    of caller: Caller,
    _ current: () async throws -> Response
  ) async throws -> Metadata {
    try streams.open(caller.uid)
    defer { streams.close(caller.uid) }
    let changes = await trust.changes()
    try await withRPCCancellationHandler {
      var last: Response?
      for await _ in changes.generations {
        let response = try await current()
        if response != last { try await writer.write(response) }
        last = response
      }
    } onCancelRPC: {
      changes.end()
    }
    // A client that has gone does not read it. One that is told so because the agent ends asks the next agent.
    throw RPCError(code: .unavailable, message: "the agent ends; ask again")
  }

  private func svids(for caller: Caller) async throws -> X509SVIDResponse {
    let identities = try await identities(of: caller)
    let roots = await trust.bundle.roots
    var response = X509SVIDResponse()
    response.weftRevokedSigners = await trust.revokedKeys.map { Data($0.bytes) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    response.svids = identities.map { identity in
      var svid = X509SVID()
      svid.spiffeID = identity.spiffeID.description
      svid.x509Svid = Data(identity.certificate.chain.joined())
      svid.x509SvidKey = Data(identity.key.bytes)
      svid.bundle = Data(roots.joined())
      return svid
    }
    return response
  }

  private func identities(of caller: Caller) async throws -> [Identity] {
    let evidence = try evidence(of: caller)
    let identities: [Identity]
    do {
      identities = try await trust.identities(of: evidence)
    } catch {
      // The program is known, so it may come again (SPIFFE Workload API section 5.2).
      throw RPCError(code: .unavailable, message: "no certificate was issued: \(error)")
    }
    if identities.isEmpty { throw Self.nobody(evidence) }
    return identities
  }

  /// What a process may be called, one name at least: bundles, too, the specification gives to nobody who has no identity.
  @discardableResult
  func requireNames(of evidence: ProcessEvidence) async throws -> [String] {
    let names = await trust.names(of: evidence)
    if names.isEmpty { throw Self.nobody(evidence) }
    return names
  }

  func evidence(of caller: Caller) throws(RPCError) -> ProcessEvidence {
    guard caller.pid > 0 else {
      throw Self.refusal(
        "the process that connected is in no PID namespace that the agent sees; run it on the agent's host"
      )
    }
    guard let evidence = ProcessEvidence(caller, proxyUser: proxyUser) else {
      throw Self.refusal("process \(caller.pid), which connected, has ended; the program that asks must connect itself")
    }
    return evidence
  }

  static func nobody(_ evidence: ProcessEvidence) -> RPCError {
    refusal("\(evidence) matches no registered workload; see `weft identity`")
  }

  /// Begins as other agents of SPIFFE begin it, for which programs look.
  static func refusal(_ reason: String) -> RPCError {
    RPCError(code: .permissionDenied, message: "no identity issued: \(reason)")
  }

  /// Without it a request may come from a program that was tricked into asking (SPIFFE Workload Endpoint section 3).
  static func requireHeader(_ metadata: Metadata) throws(RPCError) {
    guard metadata[stringValues: "workload.spiffe.io"].contains("true") else {
      throw RPCError(code: .invalidArgument, message: "security header missing from request: workload.spiffe.io: true")
    }
  }
}
