internal import Balancing
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// Endpoints that a DestinationRule says how to speak to.
extension Worker {
  /// Opens a connection for requests to an endpoint that is not spoken to as usual; nil where it is dialled as ever.
  func openOtherwise(
    _ target: UInt32,
    _ direction: Direction,
    _ isSuspect: Bool,
    _ speech: UpstreamSpeech,
    asking name: @autoclosure () -> String?
  ) -> DialResult? {
    let way = http.targets[target].way
    guard let settings = http.targets.settings(of: way) else {
      return way == .mesh && http.targets.peer(of: target) == nil ? .failed(DialError.unreachable) : nil
    }
    // HTTP/2 goes by streams: see `streamKey`.
    guard speech == .http1 else { return nil }
    let address = http.targets[target].address
    switch dialSecure(address, settings, asking: name(), inside: .requests, isSuspect: isSuspect) {
    case .failed(let code): return .failed(code)
    case .dialled(let side): return .opened(file(side, target, direction, nil, .connecting))
    }
  }

  /// The same for a connection of which no request is seen yet.
  func dialOtherwise(_ target: UInt32, _ port: Int, asking name: String?, _ verdict: Verdict) -> EndpointDial? {
    let way = http.targets[target].way
    let code: Int32
    if let settings = http.targets.settings(of: way) {
      let inside = keeper.rules.table.ports[port].appProtocol.inside
      let address = http.targets[target].address
      switch dialSecure(address, settings, asking: name, inside: inside, isSuspect: false) {
      case .dialled(let side): return .dialled(side, address, way, verdict)
      case .failed(let error): code = error
      }
    } else {
      guard way == .mesh, http.targets.peer(of: target) == nil else { return nil }
      code = DialError.unreachable
    }
    counters.upstreamFailed(.outbound, code: code)
    http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
    return EndpointDial.none(nil)
  }

  enum SecureDial: ~Copyable {
    /// It becomes writable when the server has proved who it is.
    case dialled(Side)
    case failed(Int32)
  }

  func dialSecure(
    _ address: SocketAddress,
    _ settings: ClusterTLS,
    asking name: String?,
    inside: ServerContext.Inside,
    isSuspect: Bool
  ) -> SecureDial {
    let asked = settings.fixedName ?? name
    let expected = ServerExpectation(settings, asking: asked)
    guard !expected.isVerified || !expected.names.isEmpty else {
      secure.note(.refused(.server(.nameless)), address, asked)
      return .failed(SecureError.refused)
    }
    guard !secure.connections.isFull else { return .failed(DialError.tooManyOpen) }
    let tls: TLSSession
    do throws(SecureFailure) {
      guard let client = secure.clients[settings] else { throw .noMaterial("its files were not read yet") }
      tls = try client.session(with: expected, inside)
    } catch {
      secure.note(error, address, asked)
      return .failed(SecureError.noMaterial)
    }
    switch dial(address) {
    case .failed(let code): return .failed(code)
    case .connecting(let socket):
      let mark = socket.localAddress().map { keeper.loopGuard.remember(from: $0, to: address, isSuspect: isSuspect) }
      let slot = secure.connections.insert(
        SecureConnection(socket, tls, inside, to: address, asking: asked, loopMark: mark, now_ns: now_ns)
      )
      if let filed = secure.connections.pointer(slot) {
        loop.add(filed.pointee.side.socket, .stream, token: Token(.secure, slot: slot).rawValue)
      }
      return .dialled(Side(StreamEnd(secure, slot), isWritable: false))
    }
  }

  /// The newest idle connection to a target that was asked for by the name that this request asks for.
  func takeIdle(_ target: UInt32, mayRepeat: Bool, for exchange: UnsafeMutablePointer<Exchange>) -> Slot? {
    let name = exchange.pointee.event.hostName
    var index = http.targets[target].newestIdle
    // Bounded by `UpstreamLimit.idlePerTarget`.
    while index != .max, let slot = http.upstreams.tenant(index), let upstream = http.upstreams.pointer(slot) {
      index = upstream.pointee.older
      guard secure.connections.pointer(upstream.pointee.side.stream.slot)?.pointee.name == name else { continue }
      if Int32(bitPattern: upstream.pointee.expires &- tick) <= 0 || upstream.pointee.side.mayHoldMore {
        closeUpstream(slot, code: 0)
        continue
      }
      if !mayRepeat, now_ns &- upstream.pointee.idleSince_ns > UpstreamLimit.freshIdle_ns { return nil }
      unlinkIdle(upstream)
      return slot
    }
    return nil
  }

  /// Whether connections to a port's endpoints are made for its requests alone: nobody says before whom they are for, or HTTP/2
  /// is spoken in TLS, by connections that are shared.
  func awaitsRequests(_ port: Int) -> Bool {
    guard case .tls(let settings)? = keeper.rules.table.security(of: port) else { return false }
    switch keeper.rules.table.ports[port].appProtocol {
    case .http2, .grpc: return true
    case .unspecified: return settings.asksName && settings.isVerified
    case .http, .tls, .tcp: return false
    }
  }
}

extension Connection {
  /// The name in its hello, in lower case; nil where there is none.
  var serverName: String? {
    detection.hello.flatMap { hello in
      hello.pointee.nameCount == 0 ? nil : hello.pointee.withName { String(decoding: $0, as: UTF8.self).lowercased() }
    }
  }
}

extension RequestEvent {
  /// The host that the request names, in lower case, without port and the dot at its end; nil where it is none that a
  /// certificate could have.
  var hostName: String? {
    guard !isAuthorityCut else { return nil }
    let text = withTexts { authority, _, _ in String(decoding: authority, as: UTF8.self).lowercased() }
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return String(text[text.index(after: text.startIndex)..<end])
    }
    let host = text.prefix { $0 != ":" }
    let name = host.hasSuffix(".") ? String(host.dropLast()) : String(host)
    return IPAddress(name) == nil && HTTPSyntax.hostnameProblem(name) != nil ? nil : name
  }
}

extension Service.AppProtocol {
  /// What is said to a server of what is spoken inside TLS, on a connection that is dialled before the client's words are known.
  fileprivate var inside: ServerContext.Inside { self == .http ? .requests : .opaque }
}

extension ServerExpectation {
  /// What a rule says.
  init(_ settings: ClusterTLS, asking asked: String?) {
    let names: Names? =
      switch settings.names {
      case .asked: nil
      case .any(let dns, let addresses, let uris): Names(dns: dns, addresses: addresses, uris: uris)
      }
    self.init(asking: asked, names: names, isVerified: settings.isVerified)
  }
}
