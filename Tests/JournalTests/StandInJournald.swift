import Glibc
import Synchronization

/// A datagram socket at a path of its own that plays journald, and what a sink sends to it.
final class StandInJournald {
  struct Received {
    var bytes: [UInt8]
    /// The file that came with it, already closed again: what it held and its seals (F_GET_SEALS).
    var file: [UInt8]?
    var seals: Int32 = 0
  }

  let path: String
  private var number: Int32 = -1

  /// Listens at once, unless `listening` is false.
  init(listening: Bool = true) {
    let serial = Self.serial.next()
    path = "/tmp/wt-\(getpid())-journald-\(serial)"
    if listening { start() }
  }

  deinit { stop() }

  func start() {
    number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    precondition(number >= 0 && bound == 0, "cannot listen at \(path)")
  }

  func stop() {
    if number >= 0 { close(number) }
    number = -1
    unlink(path)
  }

  /// The next datagram; nil where none waits.
  func next() -> Received? {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    var control = [UInt64](repeating: 0, count: 8)
    let (count, descriptor): (Int, Int32?) = bytes.withUnsafeMutableBytes { bytes in
      control.withUnsafeMutableBytes { control in
        var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
          var message = msghdr()
          message.msg_iov = vector
          message.msg_iovlen = 1
          message.msg_control = control.baseAddress
          message.msg_controllen = control.count
          let count = recvmsg(number, &message, Int32(MSG_DONTWAIT))
          guard count >= 0, message.msg_controllen > 0 else { return (count, nil) }
          return (count, control.load(fromByteOffset: MemoryLayout<cmsghdr>.size, as: Int32.self))
        }
      }
    }
    guard count >= 0 else { return nil }
    var received = Received(bytes: Array(bytes.prefix(count)))
    if let descriptor {
      received.file = Self.contents(of: descriptor)
      received.seals = fcntl(descriptor, 1034)
      close(descriptor)
    }
    return received
  }

  private static func contents(of descriptor: Int32) -> [UInt8] {
    var status = stat()
    fstat(descriptor, &status)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let size = bytes.count
    let count = pread(descriptor, &bytes, size, 0)
    return Array(bytes.prefix(max(0, count)))
  }

  private static let serial = Serial()
}

/// Numbers that no two tests of this run share.
final class Serial: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock {
      $0 += 1; return $0
    }
  }
}

/// A pipe in place of standard error.
final class LinePipe {
  let writeEnd: Int32
  private var readEnd: Int32

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    (readEnd, writeEnd) = (ends[0], ends[1])
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
  }

  deinit {
    closeReader()
    close(writeEnd)
  }

  func closeReader() {
    if readEnd >= 0 { close(readEnd) }
    readEnd = -1
  }

  /// What was written since the last look.
  func text() -> String {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let size = bytes.count
    var total: [UInt8] = []
    while true {
      let count = read(readEnd, &bytes, size)
      guard count > 0 else { return String(decoding: total, as: UTF8.self) }
      total += bytes.prefix(count)
    }
  }

  func lines() -> [String] { text().split(separator: "\n").map(String.init) }
}
