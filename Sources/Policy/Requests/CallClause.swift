internal import HTTP1
internal import MeshModel

extension RequestExplanation {
  /// What a call of gRPC is told in place of the status; empty where it gets its answer from elsewhere.
  var callClause: String {
    guard let status, outcome != .redirected else { return "" }
    // As the path has it: Gateway API wants another word where a rule has no backend.
    let code = outcome == .noBackend ? GRPCCode.unavailable : GRPCCode(httpStatus: status)
    return "; it is a call of gRPC, which is told grpc-status \(code.rawValue)"
  }
}
