internal import CLinux
internal import CMnl
internal import Glibc
public import MeshModel

/// The sockets of this network namespace that have sent their FIN on a way from one address to another, whatever their port
/// (sock_diag(7), a dump with a filter; linux/inet_diag.h). Needs no privilege.
///
/// For a connection whose own port is not known: where two connections from one port would look alike behind REDIRECT,
/// conntrack gives the second another source port, which only the proxy's end of it sees.
public struct HalfClosedSockets: Hashable, Sendable {
  /// A program holds one, and may still read.
  public private(set) var areHeld = false
  /// A program has closed one, or ended; the kernel minds the connection's end.
  public private(set) var areOrphaned = false

  /// Datagrams of some 30 sockets that are read of an answer. Where so many have not told of one that is held, there is no
  /// telling within the time that an event loop has.
  static let maximumDatagrams = 32

  /// Nothing of the kind.
  public static let none = HalfClosedSockets()

  private init() {}

  /// Looks once, without waiting, through all connections of the host: some hundred microseconds, so not for every request.
  ///
  /// - Throws: EAGAIN where the kernel did not answer at once, ENOBUFS where there are too many to look through.
  public init(from source: IPAddress, to destination: SocketAddress) throws(SystemError) {
    let socket = try DumpSocket()
    try look(socket, UInt8(AF_INET6), source, destination)
    // A program may talk IPv4 through an AF_INET6 socket, so both kinds may hold it.
    guard source.isIPv4, !areHeld else { return }
    try look(socket, UInt8(AF_INET), source, destination)
  }

  private mutating func look(
    _ socket: borrowing DumpSocket,
    _ family: UInt8,
    _ source: IPAddress,
    _ destination: SocketAddress
  ) throws(SystemError) {
    var request = inet_diag_req_v2()
    request.sdiag_family = family
    request.sdiag_protocol = UInt8(IPPROTO_TCP)
    request.idiag_states = 1 << UInt32(TCP_FIN_WAIT1) | 1 << UInt32(TCP_FIN_WAIT2)
    try socket.ask(&request, filter: Self.filter(source, destination))
    for _ in 0..<Self.maximumDatagrams {
      let isLast = try socket.receive { message in
        if message.idiag_inode == 0 { areOrphaned = true } else { areHeld = true }
      }
      if isLast || areHeld { return }
    }
    throw SystemError("recvfrom", "sock_diag", code: ENOBUFS)
  }

  /// Two conditions of the kernel's filter language, both of which must hold (net/ipv4/inet_diag.c inet_diag_bc_run).
  static func filter(_ source: IPAddress, _ destination: SocketAddress) -> [UInt8] {
    let second = condition(UInt8(INET_DIAG_BC_D_COND), destination.ip, port: Int32(destination.port), behind: 0)
    return condition(UInt8(INET_DIAG_BC_S_COND), source, port: -1, behind: second.count) + second
  }

  /// An inet_diag_bc_op and its inet_diag_hostcond. Where it does not hold, the filter jumps beyond its own end, which
  /// means no.
  private static func condition(_ code: UInt8, _ ip: IPAddress, port: Int32, behind rest: Int) -> [UInt8] {
    let address: [UInt8] =
      if ip.isIPv4 {
        withUnsafeBytes(of: ip.v4.bigEndian) { Array($0) }
      } else {
        withUnsafeBytes(of: (ip.high.bigEndian, ip.low.bigEndian)) { Array($0) }
      }
    let size = MemoryLayout<inet_diag_bc_op>.size + 8 + address.count
    let family = UInt8(ip.isIPv4 ? AF_INET : AF_INET6)
    return [code, UInt8(size)] + withUnsafeBytes(of: UInt16(size + rest + 4)) { Array($0) }
      + [family, UInt8(address.count * 8), 0, 0] + withUnsafeBytes(of: port) { Array($0) } + address
  }
}

/// A netlink socket for one dump after another. Closing it ends a dump that is not read to its end.
private struct DumpSocket: ~Copyable {
  private let socket: OpaquePointer
  private let buffer: UnsafeMutableRawBufferPointer

  init() throws(SystemError) {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard let socket = mnl_socket_open2(NETLINK_SOCK_DIAG, flags) else {
      throw SystemError("socket", "NETLINK_SOCK_DIAG")
    }
    guard mnl_socket_bind(socket, 0, 0) == 0 else {
      let error = SystemError("bind", "NETLINK_SOCK_DIAG")
      mnl_socket_close(socket)
      throw error
    }
    self.socket = socket
    // libmnl's MNL_SOCKET_BUFFER_SIZE; the kernel makes no datagram of a dump larger than the buffer it is read into.
    buffer = .allocate(byteCount: 8192, alignment: 8)
  }

  deinit {
    mnl_socket_close(socket)
    buffer.deallocate()
  }

  func ask(_ request: inout inet_diag_req_v2, filter: [UInt8]) throws(SystemError) {
    guard let base = buffer.baseAddress, let header = mnl_nlmsg_put_header(base) else { return }
    header.pointee.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
    header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH)
    let size = MemoryLayout<inet_diag_req_v2>.size
    mnl_nlmsg_put_extra_header(header, size)?.copyMemory(from: &request, byteCount: size)
    mnl_attr_put(header, UInt16(INET_DIAG_REQ_BYTECODE), filter.count, filter)
    guard mnl_socket_sendto(socket, base, Int(header.pointee.nlmsg_len)) >= 0 else {
      throw SystemError("sendto", "sock_diag")
    }
  }

  /// Reads one datagram of the answer; true where it is the last.
  func receive(_ each: (inet_diag_msg) -> Void) throws(SystemError) -> Bool {
    var rest = Int32(clamping: mnl_socket_recvfrom(socket, buffer.baseAddress, buffer.count))
    guard rest >= 0, let base = buffer.baseAddress else { throw SystemError("recvfrom", "sock_diag") }
    var header = UnsafePointer(base.assumingMemoryBound(to: nlmsghdr.self))
    while mnl_nlmsg_ok(header, rest) {
      switch Int32(header.pointee.nlmsg_type) {
      case Int32(NLMSG_DONE): return true
      case Int32(NLMSG_ERROR):
        let code = -(mnl_nlmsg_get_payload(header)?.load(as: nlmsgerr.self).error ?? 0)
        throw SystemError("sock_diag", "dump of half-closed sockets", code: code)
      default:
        guard mnl_nlmsg_get_payload_len(header) >= MemoryLayout<inet_diag_msg>.size,
          let message = mnl_nlmsg_get_payload(header)
        else { return true }
        each(message.load(as: inet_diag_msg.self))
      }
      guard let next = mnl_nlmsg_next(header, &rest) else { return true }
      header = UnsafePointer(next)
    }
    return false
  }
}
