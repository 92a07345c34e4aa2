internal import Glibc
internal import HTTP1
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Reactor
internal import Transcoding

/// Connections of which nobody knows what is said in them: a CONNECT stream each (RFC 9113 section 8.5), in the shape that
/// meshes call HBONE.
extension PeerStores {
  /// Asks for a connection to the stream's port at the peer. That it stands is told as being writable.
  func requestTunnel(
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ slot: Slot,
    _ connection: UnsafeMutablePointer<PeerConnection>
  ) {
    room.begin()
    var writer = HeadWriter(text)
    writer.put(connection.pointee.peer.withPort(stream.pointee.port))
    do {
      guard room.append(":method", "CONNECT"), room.append(":authority", writer.written) else {
        return fail(stream, slot, code: ENOMEM)
      }
      stream.pointee.id = try room.withList { list throws(PathRefusal) in
        try connection.pointee.session.submitRequest(list, user: slot.packed, endsStream: false, events)
      }
      mustSend(connection, stream.pointee.connection)
    } catch { fail(stream, slot, code: ECONNREFUSED) }
  }

  /// The peer's answer to that.
  func takeTunnelAnswer(_ stream: UnsafeMutablePointer<PeerStream>, _ slot: Slot, _ fields: PathFieldList) {
    guard let status = fields[":status"], status.count == 3, status[0] == UInt8(ascii: "2") else {
      return fail(stream, slot, code: ECONNREFUSED)
    }
    stream.pointee.isStanding = true
    tell(stream, slot, .writable)
  }

  /// The connection that a peer asked for stands.
  func acceptTunnel(_ slot: Slot) {
    guard let stream = streams.pointer(slot), stream.pointee.isTunnel, !stream.pointee.isStanding,
      let id = stream.pointee.id, let connection = connections.pointer(stream.pointee.connection)
    else { return }
    stream.pointee.isStanding = true
    room.begin()
    do {
      guard room.append(":status", "200") else { return fail(stream, slot, code: ENOMEM) }
      try room.withList { list throws(PathRefusal) in
        try connection.pointee.session.submitResponse(list, on: id, endsStream: false, events)
      }
    } catch { return fail(stream, slot, code: EPIPE) }
    tell(stream, slot, .writable)
    mustSend(connection, stream.pointee.connection)
  }
}
