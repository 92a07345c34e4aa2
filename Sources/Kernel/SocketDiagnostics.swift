internal import CLinux
internal import CMnl
internal import Glibc
public import MeshModel

/// Asks the kernel who holds a TCP socket of this network namespace (sock_diag(7), linux/inet_diag.h). Needs no privilege.
///
/// Behind REDIRECT the socket of the program that dialled still has the original destination as its peer, so ask for
/// (source, original destination). Used from one thread.
public final class SocketDiagnostics {
  /// Milliseconds an answer may take. The kernel answers within the call that asks; this is for a kernel that does not.
  static let timeout_ms = 50
  /// Answers to earlier questions that are passed over: each question has at most one.
  static let maximumStaleAnswers = 8

  private let socket: OpaquePointer
  private let port: UInt32
  private var sequence: UInt32 = 0
  private var buffer: UnsafeMutableRawBufferPointer

  /// Opens a netlink socket. Throws where the kernel has no NETLINK_SOCK_DIAG (CONFIG_INET_DIAG).
  ///
  /// - Parameter waits: whether a look-up may wait up to 50 ms for its answer; else one that is not there at once is an
  ///   error, EAGAIN. For threads that must not wait.
  public init(waits: Bool = true) throws(SystemError) {
    let flags = Int32(SOCK_CLOEXEC.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    guard let socket = mnl_socket_open2(NETLINK_SOCK_DIAG, flags) else {
      throw SystemError("socket", "NETLINK_SOCK_DIAG")
    }
    var limit = timeval(tv_sec: 0, tv_usec: Self.timeout_ms * 1000)
    let number = mnl_socket_get_fd(socket)
    guard setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0,
      mnl_socket_bind(socket, 0, 0) == 0
    else {
      let error = SystemError("bind", "NETLINK_SOCK_DIAG")
      mnl_socket_close(socket)
      throw error
    }
    self.socket = socket
    port = mnl_socket_get_portid(socket)
    // libmnl's MNL_SOCKET_BUFFER_SIZE: no netlink message that is not a dump is larger.
    buffer = .allocate(byteCount: 8192, alignment: 8)
  }

  deinit {
    mnl_socket_close(socket)
    buffer.deallocate()
  }

  /// The connected socket from `source` to `destination`; nil where there is none (any more).
  ///
  /// A program may talk IPv4 through an AF_INET6 socket; the kernel keeps both kinds in one table and finds either by
  /// its IPv4 addresses, so the other family is asked only where the first knows nothing.
  public func lookup(source: SocketAddress, destination: SocketAddress) throws(SystemError) -> SocketOwner? {
    guard source.ip.isIPv4, destination.ip.isIPv4 else {
      return try ask(UInt8(AF_INET6), source, destination)
    }
    if let owner = try ask(UInt8(AF_INET), source, destination) { return owner }
    return try ask(UInt8(AF_INET6), source, destination)
  }

  private func ask(
    _ family: UInt8,
    _ source: SocketAddress,
    _ destination: SocketAddress
  ) throws(SystemError) -> SocketOwner? {
    guard let base = buffer.baseAddress, let header = mnl_nlmsg_put_header(base) else { return nil }
    sequence &+= 1
    header.pointee.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
    header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST)
    header.pointee.nlmsg_seq = sequence
    var request = inet_diag_req_v2()
    request.sdiag_family = family
    request.sdiag_protocol = UInt8(IPPROTO_TCP)
    request.idiag_states = .max
    request.id = inet_diag_sockid(family, source, destination)
    let size = MemoryLayout<inet_diag_req_v2>.size
    mnl_nlmsg_put_extra_header(header, size)?.copyMemory(from: &request, byteCount: size)
    guard mnl_socket_sendto(socket, base, Int(header.pointee.nlmsg_len)) >= 0 else {
      throw SystemError("sendto", "sock_diag")
    }
    return try receive(request.id)
  }

  private func receive(_ wanted: inet_diag_sockid) throws(SystemError) -> SocketOwner? {
    for _ in 0..<Self.maximumStaleAnswers {
      let count = mnl_socket_recvfrom(socket, buffer.baseAddress, buffer.count)
      guard count >= 0, let base = buffer.baseAddress else { throw SystemError("recvfrom", "sock_diag") }
      let header = base.assumingMemoryBound(to: nlmsghdr.self)
      guard mnl_nlmsg_ok(header, Int32(count)), header.pointee.nlmsg_seq == sequence,
        mnl_nlmsg_portid_ok(header, port)
      else { continue }
      if header.pointee.nlmsg_type == UInt16(NLMSG_ERROR) {
        let code = -(mnl_nlmsg_get_payload(header)?.load(as: nlmsgerr.self).error ?? 0)
        if code == ENOENT { return nil }
        throw SystemError("sock_diag", "exact look-up", code: code)
      }
      return SocketOwner(header, wanted)
    }
    throw SystemError("recvfrom", "sock_diag", code: ETIMEDOUT)
  }
}

/// Who holds a socket, as the kernel sees it.
public struct SocketOwner: Hashable, Sendable {
  /// The user who made the socket.
  public let uid: UInt32
  /// The socket's inode: `socket:[N]` in /proc/PID/fd. 0 once the program has closed it.
  public let inode: UInt64
  /// The id of the socket's cgroup (version 2), which is its directory's inode; nil where the kernel does not tell.
  public let cgroup: UInt64?
  /// The TCP state as linux/tcp_states.h numbers it: 1 is ESTABLISHED.
  public let state: UInt8

  /// No program holds it any more: the kernel alone sees the connection to its end. A socket of which only one way is
  /// closed (shutdown(2)) is none.
  public var isOrphan: Bool { inode == 0 }

  /// Whether `uid` says anything: of a connection that is waited out (TIME_WAIT), and before Linux 6.17 of any that its program has
  /// closed, the kernel knows no user any more, and says root.
  public var hasUser: Bool { !isOrphan || uid != 0 }
}

extension SocketOwner {
  /// Reads an inet_diag_msg; nil for a socket that is not the one asked for: where no connection matches, the kernel
  /// offers a listener on the port.
  fileprivate init?(_ header: UnsafePointer<nlmsghdr>, _ wanted: inet_diag_sockid) {
    let size = MemoryLayout<inet_diag_msg>.size
    guard mnl_nlmsg_get_payload_len(header) >= size, let payload = mnl_nlmsg_get_payload(header) else { return nil }
    let message = payload.load(as: inet_diag_msg.self)
    guard message.id.idiag_dport == wanted.idiag_dport, message.id.idiag_sport == wanted.idiag_sport else { return nil }
    var cgroup: UInt64?
    var rest = Int(header.pointee.nlmsg_len) - MemoryLayout<nlmsghdr>.size - size
    var attribute = UnsafePointer(payload.advanced(by: size).assumingMemoryBound(to: nlattr.self))
    while mnl_attr_ok(attribute, Int32(rest)) {
      if mnl_attr_get_type(attribute) == UInt16(INET_DIAG_CGROUP_ID), mnl_attr_get_payload_len(attribute) == 8 {
        cgroup = mnl_attr_get_u64(attribute)
      }
      guard let next = mnl_attr_next(attribute) else { break }
      rest -= UnsafeRawPointer(next) - UnsafeRawPointer(attribute)
      attribute = UnsafePointer(next)
    }
    self.init(uid: message.idiag_uid, inode: UInt64(message.idiag_inode), cgroup: cgroup, state: message.idiag_state)
  }
}

extension inet_diag_sockid {
  /// A connection as its own socket sees it, without a cookie (INET_DIAG_NOCOOKIE).
  fileprivate init(_ family: UInt8, _ source: SocketAddress, _ destination: SocketAddress) {
    self.init()
    idiag_sport = source.port.bigEndian
    idiag_dport = destination.port.bigEndian
    idiag_src = Self.words(source.ip, family)
    idiag_dst = Self.words(destination.ip, family)
    idiag_if = source.scope != 0 ? source.scope : destination.scope
    idiag_cookie = (.max, .max)
  }

  private static func words(_ ip: IPAddress, _ family: UInt8) -> (UInt32, UInt32, UInt32, UInt32) {
    if family == UInt8(AF_INET) { return (ip.v4.bigEndian, 0, 0, 0) }
    return (
      UInt32(truncatingIfNeeded: ip.high >> 32).bigEndian, UInt32(truncatingIfNeeded: ip.high).bigEndian,
      UInt32(truncatingIfNeeded: ip.low >> 32).bigEndian, UInt32(truncatingIfNeeded: ip.low).bigEndian
    )
  }
}
