internal import Authority
internal import Foundation
internal import GRPCCore
internal import MeshAPI
internal import MeshModel
internal import SwiftProtobuf

/// JWT-SVIDs (SPIFFE Workload API section 6).
extension WorkloadService {
  func fetchJWTSVID(
    request: ServerRequest<JWTSVIDRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<JWTSVIDResponse> {
    try Self.requireHeader(request.metadata)
    let evidence = try evidence(of: context.caller)
    guard let audiences = JWTAudiences(request.message.audience) else {
      throw RPCError(
        code: .invalidArgument,
        message: "audience: 1 to \(JWTAudiences.limit) are needed, of \(JWTAudiences.maxBytes) bytes in all, "
          + "none empty or with control characters"
      )
    }
    let wanted = try Self.identity(request.message.spiffeID)
    let names = try await requireNames(of: evidence)
    if let wanted, !names.contains(wanted.description) {
      throw Self.refusal("\(evidence) may not be \(wanted); see `weft identity`")
    }
    let tokens: [(id: SPIFFEID, token: String)]
    do { tokens = try await trust.tokens(of: evidence, for: audiences, only: wanted) } catch {
      // The program is known, so it may come again (SPIFFE Workload API section 5.2).
      throw RPCError(code: .unavailable, message: "no token was issued: \(error)")
    }
    if tokens.isEmpty { throw Self.nobody(evidence) }
    return ServerResponse(
      message: JWTSVIDResponse.with {
        $0.svids = tokens.map { one in
          JWTSVID.with {
            $0.spiffeID = one.id.description
            $0.svid = one.token
          }
        }
      }
    )
  }

  func fetchJWTBundles(
    request: ServerRequest<JWTBundlesRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<JWTBundlesResponse> {
    try follow(request, context) { caller in
      try await requireNames(of: evidence(of: caller))
      let keys = await trust.jwtBundle
      return JWTBundlesResponse.with { $0.bundles = ["spiffe://\(trust.domain.name)": Data(JWTBundle.document(keys))] }
    }
  }

  func validateJWTSVID(
    request: ServerRequest<ValidateJWTSVIDRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<ValidateJWTSVIDResponse> {
    try Self.requireHeader(request.metadata)
    try await requireNames(of: evidence(of: context.caller))
    guard !request.message.audience.isEmpty, !request.message.svid.isEmpty else {
      throw RPCError(code: .invalidArgument, message: "audience and svid are needed")
    }
    let verified: VerifiedJWT
    do { verified = try await trust.verify(jwt: request.message.svid, audience: request.message.audience) } catch {
      throw RPCError(code: .invalidArgument, message: "the token is refused: \(error)")
    }
    guard let claims = try? Google_Protobuf_Struct(jsonUTF8Bytes: verified.claims) else {
      throw RPCError(code: .invalidArgument, message: "the token is refused: its claims are no JSON object")
    }
    return ServerResponse(
      message: ValidateJWTSVIDResponse.with {
        $0.spiffeID = verified.spiffeID.description
        $0.claims = claims
      }
    )
  }

  /// The identity that is asked for by name; nil: all that the program has.
  private static func identity(_ text: String) throws(RPCError) -> SPIFFEID? {
    guard !text.isEmpty else { return nil }
    do { return try SPIFFEID(text) } catch {
      throw RPCError(code: .invalidArgument, message: "spiffe_id: \(error)")
    }
  }
}
