internal import DNS
internal import Glibc
internal import NIOCore

extension MeshNameServer {
  /// Answers what comes to `sockets` as if they were its own. It takes over the descriptors, whatever comes of it. `whenLost`
  /// is called where one of them cannot be read from any more: none of them is then.
  ///
  /// - Throws: `NameServiceError.closed` where it does not listen, `.cannotListen` for a socket that cannot be read from.
  public func adopt(
    _ sockets: [BoundSocket],
    whenLost: @escaping @Sendable () -> Void = {}
  ) async throws -> Adoption {
    var rest = sockets[...]
    var listeners: [Listener] = []
    do {
      guard let desk else { throw NameServiceError.closed }
      let number = try await loop.submit { desk.value.nextAdoption() }.get()
      while let socket = rest.popFirst() {
        listeners.append(try await Listener.adopt(socket, of: NamesPod(number), for: desk))
      }
      let adopted = listeners
      try await loop.submit { try desk.value.serve(adopted: adopted, number, whenLost: whenLost) }.get()
      return Adoption(number: number)
    } catch {
      for listener in listeners { try? await listener.channel.close() }
      for socket in rest { Glibc.close(socket.descriptor) }
      throw error
    }
  }

  /// Closes its copies of the sockets. What was asked there and waits is not answered any more.
  public func release(_ adoption: Adoption) {
    guard let desk else { return }
    loop.execute { desk.value.release(adoption.number) }
  }
}
