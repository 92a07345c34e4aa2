internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

/// Requests that name what the rules do not know, or come from whom they do not know. They lie where the bytes of a head in
/// pieces lie, and are parsed anew when the answer is here: nothing has been filed for them yet.
extension Worker {
  /// What the request that lies in `http.request` has to wait for, one question after the other; nil where nothing.
  func unanswered(_ client: UnsafeMutablePointer<HTTPClient>, _ port: RequestedPort) -> LookupFingerprint? {
    guard client.pointee.direction == .outbound else { return unansweredPeer(client) }
    // The name decides, so it is asked about even where the address is known.
    guard port.named == nil else { return nil }
    if let lookup = unanswered(host: http.request[http.request.host]) { return lookup }
    return port.index == nil ? unanswered(client.pointee.destination.ip) : nil
  }

  /// Whether the peer belongs to the mesh matters where the request says what only the mesh may say.
  private func unansweredPeer(_ client: UnsafeMutablePointer<HTTPClient>) -> LookupFingerprint? {
    guard !client.pointee.isTrusted, http.request.fields.hasAny(.foreign) else { return nil }
    // It may have become known since the connection came.
    client.pointee.isTrusted = isTrusted(client.pointee.source.ip)
    return client.pointee.isTrusted ? nil : unanswered(client.pointee.source.ip)
  }

  /// Keeps a request and what follows it, `bytes`, until what it waits for is known. Other clients are served meanwhile,
  /// and of this one nothing more is read.
  func hold(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ bytes: UnsafeRawBufferPointer,
    for lookup: LookupFingerprint
  ) -> ClientStep {
    // What came in pieces lies there already.
    if client.pointee.held.isEmpty { client.pointee.held.append(bytes, &pool) }
    // The wait is the request's own time.
    if client.pointee.headStarted_ns == 0 { client.pointee.headStarted_ns = now_ns }
    client.pointee.phase = .lookingUp
    client.pointee.lookup = lookups.requests.insert(HeldRequest(client: slot, lookup: lookup))
    return .waiting
  }

  /// A held request goes on: it is read again from its first byte.
  func resume(request slot: Slot) {
    guard let held = lookups.requests.take(slot), let client = http.clients.pointer(held.client) else { return }
    client.pointee.lookup = .nowhere
    client.pointee.phase = .awaiting
    serveClient(held.client)
  }

  /// The client of a held request leaves: the request is filed, so that it leaves its record as any other.
  func fileHeld(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) {
    lookups.requests.remove(client.pointee.lookup)
    client.pointee.lookup = .nowhere
    guard case .whole = http.request.parse(client.pointee.held.bytes) else { return }
    _ = openExchange(client, slot, isWhole: true)
  }
}
