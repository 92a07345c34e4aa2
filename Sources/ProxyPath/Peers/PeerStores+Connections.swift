internal import Glibc
internal import HTTP2
internal import Kernel
internal import Reactor

extension PeerStores {
  /// The connection takes more again, or for the first time.
  func wakeStreams(_ connection: UnsafeMutablePointer<PeerConnection>) {
    var index = connection.pointee.firstStream
    while index != .max, let slot = streams.tenant(index), let stream = streams.pointer(slot) {
      index = stream.pointee.next
      stream.pointee.isBlocked = false
      if stream.pointee.isTunnel, stream.pointee.id == nil {
        requestTunnel(stream, slot, connection)
      } else if stream.pointee.owesEnd {
        settleEnd(stream, slot, connection)
      } else if !stream.pointee.isTunnel || stream.pointee.isStanding {
        tell(stream, slot, .writable)
      }
    }
  }

  /// The connection is over: none of its streams goes on. What was never sent may be sent elsewhere.
  func failStreams(_ connection: UnsafeMutablePointer<PeerConnection>, code: Int32) {
    var index = connection.pointee.firstStream
    while index != .max, let slot = streams.tenant(index), let stream = streams.pointer(slot) {
      index = stream.pointee.next
      if stream.pointee.id == nil { stream.pointee.isUntouched = true }
      if stream.pointee.isLeft {
        remove(slot)
        continue
      }
      guard !stream.pointee.isClosed else { continue }
      stream.pointee.isClosed = true
      fail(stream, slot, code: code)
    }
  }

  /// No stream is begun on the connection any more: those of which nothing was said are free to go elsewhere.
  func failUnbegun(_ connection: UnsafeMutablePointer<PeerConnection>) {
    var index = connection.pointee.firstStream
    while index != .max, let slot = streams.tenant(index), let stream = streams.pointer(slot) {
      index = stream.pointee.next
      guard stream.pointee.id == nil, !stream.pointee.isClosed else { continue }
      (stream.pointee.isUntouched, stream.pointee.isClosed) = (true, true)
      fail(stream, slot, code: ECONNRESET)
    }
  }

  /// Whether the peer never looked at what was asked on a stream.
  func isUntouched(_ slot: Slot) -> Bool {
    guard let stream = streams.pointer(slot) else { return false }
    return stream.pointee.isUntouched && stream.pointee.failure != 0
  }
}
