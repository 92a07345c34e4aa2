internal import CLinux
internal import Glibc

extension UnixSocket {
  /// Sends `bytes` with copies of `descriptors` attached to the first of them (SCM_RIGHTS).
  public static func send(
    _ bytes: [UInt8],
    descriptors: [Int32],
    to socket: borrowing FileDescriptor
  ) throws(SystemError) {
    let payload = descriptors.count * MemoryLayout<Int32>.size
    let control = UnsafeMutableRawBufferPointer.allocate(byteCount: weft_cmsg_space(payload), alignment: 16)
    defer { control.deallocate() }
    let raw = socket.raw
    let sent = bytes.withUnsafeBytes { body -> Int in
      var part = iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
      return withUnsafeMutablePointer(to: &part) { part in
        var message = msghdr()
        message.msg_iov = part
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        guard let header = weft_cmsg_first(&message) else { return -1 }
        header.pointee.cmsg_level = SOL_SOCKET
        header.pointee.cmsg_type = Int32(SCM_RIGHTS)
        header.pointee.cmsg_len = weft_cmsg_len(payload)
        descriptors.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(start: weft_cmsg_data(header), count: payload).copyMemory(from: $0)
        }
        return sendmsg(raw, &message, Int32(MSG_NOSIGNAL))
      }
    }
    guard sent == bytes.count else { throw SystemError("sendmsg", "SCM_RIGHTS") }
  }

  /// Receives up to `limit` bytes and the descriptors that came with them, closed on exec. The caller owns them.
  public static func receive(
    limit: Int,
    from socket: borrowing FileDescriptor
  ) throws(SystemError) -> (bytes: [UInt8], descriptors: [Int32]) {
    let controlSize = weft_cmsg_space(descriptorLimit * MemoryLayout<Int32>.size)
    let control = UnsafeMutableRawBufferPointer.allocate(byteCount: controlSize, alignment: 16)
    defer { control.deallocate() }
    var bytes = [UInt8](repeating: 0, count: limit)
    var descriptors: [Int32] = []
    let raw = socket.raw
    let count = bytes.withUnsafeMutableBytes { body -> Int in
      var part = iovec(iov_base: body.baseAddress, iov_len: body.count)
      return withUnsafeMutablePointer(to: &part) { part in
        var message = msghdr()
        message.msg_iov = part
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = control.count
        let count = recvmsg(raw, &message, Int32(MSG_CMSG_CLOEXEC))
        guard count > 0, message.msg_controllen > 0, let header = weft_cmsg_first(&message) else { return count }
        guard header.pointee.cmsg_level == SOL_SOCKET, header.pointee.cmsg_type == Int32(SCM_RIGHTS) else {
          return count
        }
        let payload = header.pointee.cmsg_len - weft_cmsg_len(0)
        let data = UnsafeRawBufferPointer(start: weft_cmsg_data(header), count: payload)
        for offset in stride(from: 0, to: payload, by: MemoryLayout<Int32>.size) {
          descriptors.append(data.loadUnaligned(fromByteOffset: offset, as: Int32.self))
        }
        return count
      }
    }
    guard count >= 0 else { throw SystemError("recvmsg") }
    bytes.removeLast(bytes.count - count)
    return (bytes, descriptors)
  }
}
