/// What a call of gRPC came to: the number in `grpc-status` (gRPC, "Status codes and their use in gRPC").
public enum GRPCCode: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
  case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
  case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable, dataLoss
  case unauthenticated

  /// Reads the value of `grpc-status`: a decimal number. What is none, and a number that means nothing, is `unknown`, as
  /// gRPC's own clients take it.
  public init(_ value: UnsafeRawBufferPointer) {
    guard (1...2).contains(value.count) else {
      self = .unknown
      return
    }
    var number: UInt8 = 0
    for byte in value {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
        self = .unknown
        return
      }
      number = number * 10 + (byte - UInt8(ascii: "0"))
    }
    self = GRPCCode(rawValue: number) ?? .unknown
  }

  /// What a client makes of an HTTP status that comes without `grpc-status` (gRPC, "HTTP to gRPC Status Code Mapping").
  public init(httpStatus: UInt16) {
    switch httpStatus {
    case 400: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 429, 502, 503, 504: self = .unavailable
    default: self = .unknown
    }
  }

  /// Whether the server, and not the caller, is at fault, as linkerd2-proxy classifies calls (app/core/src/classify.rs).
  public var isFailure: Bool {
    switch self {
    case .unknown, .deadlineExceeded, .internal, .unavailable, .dataLoss: true
    default: false
    }
  }
}

extension FieldTable {
  /// The value of `grpc-status` in a head without a body, or among trailers; nil where there is none.
  public var grpcCode: GRPCCode? { firstIndex(named: "grpc-status").map { GRPCCode(value(at: $0)) } }

  /// Forgets the fields, so that none of one message is taken for another's.
  public mutating func forget() { removeAll(base: UnsafeRawPointer(firsts)) }
}
