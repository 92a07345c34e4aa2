internal import Glibc

/// What the proxy asks its process finder, as it travels over the socket pair: both ends are this very program, so the
/// layout in memory is the format.
struct FinderQuestion: BitwiseCopyable {
  var inode: UInt64 = 0
  var uid: UInt32 = 0
  /// Comes back with the answer, so that a late one is not taken for the next.
  var serial: UInt32 = 0
}

/// What the process finder answers. The first message of a finder is an answer too: its status says whether it works.
struct FinderAnswer {
  /// How long a cgroup's path may be; a longer one is cut at its front, since its end says most.
  static let cgroupBytes = 255

  enum Status: UInt8 {
    case found, notFound, limited
    /// The first message: ready to be asked.
    case ready
    /// The first message: privileges could not be arranged; the cgroup field says why.
    case failed
  }

  var serial: UInt32 = 0
  var status = Status.notFound
  var pid: Int32 = 0
  var comm: [UInt8] = []
  var text: [UInt8] = []

  /// Serial, status, pid, two lengths, comm, text.
  static let bytes = 4 + 1 + 4 + 1 + 1 + 16 + cgroupBytes

  init(serial: UInt32, status: Status, text: String = "") {
    self.serial = serial
    self.status = status
    self.text = Array(text.utf8.suffix(Self.cgroupBytes))
  }

  init(serial: UInt32, _ outcome: ProcessFinder.Outcome) {
    self.serial = serial
    switch outcome {
    case .found(let process):
      status = .found
      pid = process.pid
      comm = Array(process.comm.utf8.prefix(16))
      text = Array(process.cgroup.utf8.suffix(Self.cgroupBytes))
    case .notFound: status = .notFound
    case .limited: status = .limited
    }
  }

  /// Reads a message; nil for one of another shape.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.bytes, let status = Status(rawValue: bytes[4]), bytes[9] <= 16 else { return nil }
    serial = bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
    self.status = status
    pid = bytes.loadUnaligned(fromByteOffset: 5, as: Int32.self)
    comm = Array(bytes[11..<(11 + Int(bytes[9]))])
    text = Array(bytes[27..<(27 + Int(bytes[10]))])
  }

  /// Writes the message over `bytes`, which has room for it.
  func write(to bytes: UnsafeMutableRawBufferPointer) {
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    bytes.storeBytes(of: serial, toByteOffset: 0, as: UInt32.self)
    bytes[4] = status.rawValue
    bytes.storeBytes(of: pid, toByteOffset: 5, as: Int32.self)
    bytes[9] = UInt8(comm.count)
    bytes[10] = UInt8(text.count)
    UnsafeMutableRawBufferPointer(rebasing: bytes[11...]).copyBytes(from: comm)
    UnsafeMutableRawBufferPointer(rebasing: bytes[27...]).copyBytes(from: text)
  }

  /// What was found, as the client hands it on.
  var process: FoundProcess? {
    guard status == .found else { return nil }
    return FoundProcess(
      pid: pid,
      comm: String(decoding: comm, as: UTF8.self),
      cgroup: String(decoding: text, as: UTF8.self)
    )
  }
}
