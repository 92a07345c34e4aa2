internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// Reads the next head of a client that awaits one, and begins its request once it is whole.
  func readRequest(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    if client.pointee.held.count > client.pointee.searched { return searchHeld(client, slot) }
    guard client.pointee.side.isReadable else { return .waiting }
    let room = pool.isOverLimit ? ReadSize.underPressure.bytes : ReadSize.smallest.bytes
    let window = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(room)])
    switch client.pointee.side.receive(into: window) {
    case .bytes(let count):
      if count < window.count, !client.pointee.side.mayHoldMore { client.pointee.side.isReadable = false }
      client.pointee.bytesReceived &+= UInt64(count)
      counters.moved(client.pointee.direction, TCPEnds(source: client.pointee.series), up: UInt64(count), down: 0)
      let fresh = UnsafeRawBufferPointer(rebasing: window[..<count])
      if client.pointee.held.isEmpty { return parse(fresh, client, slot) }
      client.pointee.held.append(fresh, &pool)
      return searchHeld(client, slot)
    case .wouldBlock:
      client.pointee.side.isReadable = false
      return .waiting
    case .endOfStream:
      client.pointee.side.isReadable = false
      client.pointee.hasFinished = true
      // A head that is broken off asks for nothing: there is nobody to answer either.
      return endClient(slot, .finished, code: 0)
    case .failed(let code): return endClient(slot, .clientReset, code: code)
    }
  }

  /// Looks for the end of a head that came in pieces, where it was not looked for yet.
  private func searchHeld(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    let bytes = client.pointee.held.bytes
    let isWhole = RequestHead.endOfHead(in: bytes, from: client.pointee.searched) != nil
    client.pointee.searched = bytes.count
    guard isWhole || bytes.count >= HeadLimit.bytes else {
      noteBegun(client, slot)
      return .again
    }
    return parse(bytes, client, slot)
  }

  /// Parses what lies in `bytes`: in the worker's scratch memory, or held by the client.
  private func parse(
    _ bytes: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot
  ) -> ClientStep {
    switch http.request.parse(bytes) {
    case .whole(let length):
      client.pointee.headSince = 0
      client.pointee.searched = 0
      let port = client.pointee.direction == .outbound ? requestedPort(client) : RequestedPort()
      if lookups.inbox != nil, let lookup = unanswered(client, port) { return hold(client, slot, bytes, for: lookup) }
      guard !client.pointee.held.isEmpty else {
        return begin(client, slot, port, UnsafeRawBufferPointer(rebasing: bytes[length...]))
      }
      // The head lies in the held memory, which must outlive it, while what follows is held anew.
      var taken = client.pointee.held.take()
      defer { taken.release(to: &pool) }
      return begin(client, slot, port, UnsafeRawBufferPointer(rebasing: taken.bytes[length...]))
    case .partial:
      if client.pointee.held.isEmpty { client.pointee.held.append(bytes, &pool) }
      client.pointee.searched = bytes.count
      noteBegun(client, slot)
      return .again
    case .refused(let fault):
      if client.pointee.requests == 0, !client.pointee.isMessage, let step = takePreface(bytes, client, slot) {
        return step
      }
      if !client.pointee.mustSpeakHTTP, client.pointee.requests == 0, classify(bytes) != .http1 {
        return endClient(slot, .upstreamUnreachable, code: 0)
      }
      return refuseHead(client, slot, status: fault.status, .badRequest, fault: fault.rawValue)
    }
  }

  /// A head has begun: from now on it has so much time.
  func noteBegun(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) {
    guard client.pointee.headSince == 0 else { return }
    client.pointee.headSince = tick | 1
    client.pointee.headStarted_ns = now_ns
    http.clientTimers.set(slot.index, deadline: tick &+ RequestLimit.headTicks)
  }
}
