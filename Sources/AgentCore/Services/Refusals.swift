internal import AgentStore
internal import Authority
internal import Discovery
internal import GRPCCore
internal import Membership
internal import MeshModel
internal import PeerService
internal import Registry
internal import Replication

/// What went wrong, as gRPC's codes and a sentence for people.
enum Refusals {
  /// Runs `body`; what it throws is told to the client.
  static func told<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let refusal as RegistryRefusal {
      throw RPCError(code: code(refusal), message: refusal.description, cause: refusal)
    } catch let refusal as WriteRefusal {
      throw RPCError(code: .resourceExhausted, message: "\(refusal)")
    } catch let refusal as MeshRefusal {
      throw RPCError(code: .failedPrecondition, message: refusal.description)
    } catch let error as PeerError {
      throw RPCError(code: .failedPrecondition, message: error.description)
    } catch let error as MembershipError {
      throw RPCError(code: .failedPrecondition, message: error.description)
    } catch let error as SPIFFEIDError {
      throw RPCError(code: .invalidArgument, message: "\(error)")
    } catch let error as AuthorityError {
      throw RPCError(code: code(error), message: "\(error)")
    } catch let error as AgentStoreError {
      throw RPCError(code: .unavailable, message: "nothing was changed: \(error)")
    }
  }

  private static func code(_ refusal: RegistryRefusal) -> RPCError.Code {
    switch refusal {
    case .invalid, .noSuchReport: .invalidArgument
    case .portTaken: .alreadyExists
    case .notYours, .scriptNotAllowed, .foreignAddress: .permissionDenied
    case .tooMany, .tooManyOf, .tooManyChanges: .resourceExhausted
    case .noAddress: .failedPrecondition
    case .unknown: .notFound
    }
  }

  private static func code(_ error: AuthorityError) -> RPCError.Code {
    switch error {
    case .request, .foreignTrustDomain, .noPath, .owner: .invalidArgument
    case .isAuthority, .hasRoot, .tooManyAuthorities, .delegation, .rootInUse: .failedPrecondition
    case .noAuthority: .notFound
    case .rotationUnderWay, .tooManyRoots, .noSigner, .rootExpired, .rootNotYetValid, .clock: .failedPrecondition
    case .unknownRoot: .notFound
    case .malformed, .missingKey, .library: .internalError
    }
  }
}

extension RPCError {
  init(_ refusal: StreamRefusal) {
    self.init(code: refusal.code == .invalidArgument ? .invalidArgument : .resourceExhausted, message: refusal.reason)
  }
}
