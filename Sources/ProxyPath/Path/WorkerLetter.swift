internal import Discovery
internal import Policy

/// What the control thread asks of a worker.
enum WorkerLetter: Sendable {
  /// Decide by this table from now on, and end what it forbids.
  case policy(PolicyTable, version: UInt32, RequestRules)
  /// Whether the agent is connected, and so whether anything may wait for its answers.
  case discovery(isLive: Bool)
  /// The agent has answered these. What it said came before, with `policy`.
  case settled([LookupKey])
  /// What the agent said of these is not kept up to date any more: ask again.
  case forgotten([LookupKey])
  /// New sessions with other proxies are made of this from now on; those that stand go on. Nil: it was taken back.
  case identity(MeshIdentity?)
  /// What TLS to servers outside the mesh is made of from now on.
  case material(TLSMaterial)
  /// The proxy is about to end: let go of clients that are between two requests.
  case drain
  /// Tell what is open.
  case report(ConnectionSurvey)
  /// Tell what is known of endpoints.
  case reportEndpoints(EndpointSurvey)
  /// Tell who talks with whom.
  case reportEdges(EdgeSurvey)
  /// Tell of connections to and from other proxies.
  case reportPeers(PeerSurvey)
  /// Close the listeners. With a successor it serves what waits in them; without, this worker does, once more.
  case retire(hasSuccessor: Bool)
  /// Reset what is left and return.
  case stop
}
