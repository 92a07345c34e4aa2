public import HTTP1
public import MeshModel

/// What authorization asks about a request beyond its head. The bytes belong to the caller and are only looked at.
public struct RequestFacts {
  /// Where the connection came from.
  public var source: IPAddress
  /// The client: whom a declared forwarder names in x-forwarded-for, else `source`.
  public var remote: IPAddress
  /// The address and port that were dialled.
  public var destination: SocketAddress
  /// The path without the query, exactly as it is forwarded; normalised where the table `usesPaths`.
  public var path: UnsafeRawBufferPointer
  /// What the normalisation found; empty where the path was not normalised.
  public var hazards: PathHazards
  /// The host without port, in any case, with or without a dot at its end; empty where the request names none.
  public var host: UnsafeRawBufferPointer
  /// The peer's SPIFFE ID by its certificate, with or without `spiffe://`; nil where it has shown none.
  public var peer: UnsafeRawBufferPointer?
  /// The namespace in that ID; nil where there is none.
  public var peerNamespace: UnsafeRawBufferPointer?
  /// The name that TLS asked for; nil where it asked for none.
  public var serverName: UnsafeRawBufferPointer?
  /// The request's token, verified; nil where it has none.
  public var token: VerifiedToken?

  /// Facts of a request without identity, server name and token, whose client is its source.
  @inlinable
  public init(
    source: IPAddress,
    destination: SocketAddress,
    path: UnsafeRawBufferPointer,
    hazards: PathHazards = [],
    host: UnsafeRawBufferPointer
  ) {
    self.source = source
    self.remote = source
    self.destination = destination
    self.path = path
    self.hazards = hazards
    self.host = host
    self.peer = nil
    self.peerNamespace = nil
    self.serverName = nil
    self.token = nil
  }
}
