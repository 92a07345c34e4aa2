internal import Authority
internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import MeshModel
internal import MeshServices

/// The SPIFFE Workload API for X.509. Who asks is told by the kernel, and what it may have by the registered selectors.
///
/// JWT-SVIDs are not issued: their methods say so.
struct WorkloadService: SpiffeWorkloadAPI.ServiceProtocol {
  let trust: Trust

  func fetchX509SVID(
    request: ServerRequest<X509SVIDRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<X509SVIDResponse> {
    try Self.requireHeader(request.metadata)
    let caller = try context.caller
    return StreamingServerResponse { writer in
      var last: X509SVIDResponse?
      for await _ in await trust.changes() {
        let response = try await svids(for: caller)
        if response != last { try await writer.write(response) }
        last = response
      }
      return [:]
    }
  }

  func fetchX509Bundles(
    request: ServerRequest<X509BundlesRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<X509BundlesResponse> {
    try Self.requireHeader(request.metadata)
    let caller = try context.caller
    return StreamingServerResponse { writer in
      var last: X509BundlesResponse?
      for await _ in await trust.changes() {
        // The bundle is for workloads, too: the specification gives it to nobody who has no identity.
        _ = try await identities(of: caller)
        var response = X509BundlesResponse()
        let bundle = await trust.bundle
        response.bundles = ["spiffe://\(bundle.trustDomain.name)": Data(bundle.roots.joined())]
        if response != last { try await writer.write(response) }
        last = response
      }
      return [:]
    }
  }

  private func svids(for caller: Caller) async throws -> X509SVIDResponse {
    let identities = try await identities(of: caller)
    let roots = await trust.bundle.roots
    var response = X509SVIDResponse()
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
    guard let evidence = ProcessEvidence(caller) else {
      throw RPCError(code: .permissionDenied, message: "the process that opened the connection is gone")
    }
    let identities: [Identity]
    do {
      identities = try await trust.identities(of: evidence)
    } catch let refusal as MeshRefusal {
      throw RPCError(code: .unavailable, message: refusal.description)
    } catch let error as AuthorityError {
      throw RPCError(code: .unavailable, message: "\(error)")
    }
    guard !identities.isEmpty else {
      throw RPCError(
        code: .permissionDenied,
        message:
          "no identity is registered for user \(caller.uid), \(evidence.path.isEmpty ? "whose binary is not known" : evidence.path); see `weft identity register`"
      )
    }
    return identities
  }

  /// Without it a request may come from a program that was tricked into asking (SPIFFE Workload Endpoint section 5).
  private static func requireHeader(_ metadata: Metadata) throws {
    guard metadata[stringValues: "workload.spiffe.io"].contains("true") else {
      throw RPCError(code: .invalidArgument, message: "the header workload.spiffe.io: true is missing")
    }
  }

  // MARK: JWT

  private static let noTokens = RPCError(
    code: .unimplemented,
    message: "JWT-SVIDs are not issued here; ask for X.509-SVIDs"
  )

  func fetchJWTSVID(
    request: ServerRequest<JWTSVIDRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<JWTSVIDResponse> { throw Self.noTokens }

  func fetchJWTBundles(
    request: ServerRequest<JWTBundlesRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<JWTBundlesResponse> { throw Self.noTokens }

  func validateJWTSVID(
    request: ServerRequest<ValidateJWTSVIDRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ValidateJWTSVIDResponse> { throw Self.noTokens }
}
