public import GRPCCore

/// Makes what a request's stamp says the context's, where services find it.
///
/// A stamp is a header field that says by whose connection a request came. gRPC tells services nothing of a connection that
/// it did not make; a handler at the head of each stream's pipeline writes it, in place of whatever the client wrote there.
public struct StampInterceptor: ServerInterceptor {
  private let field: String
  private let connection: @Sendable (String) -> (any ServerContext.TransportSpecific)?

  /// Reads stamps in `field`; `connection` says whose one is, nil where it is nobody's.
  public init(
    field: String,
    connection: @escaping @Sendable (String) -> (any ServerContext.TransportSpecific)?
  ) {
    self.field = field
    self.connection = connection
  }

  /// Hands the request on, and with it who asks.
  public func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    var context = context
    context.transportSpecific = request.metadata[stringValues: field].first { _ in true }.flatMap(connection)
    return try await next(request, context)
  }
}
