internal import CLinux
internal import Glibc

/// A set of Linux capabilities (capabilities(7)), each a bit at the number linux/capability.h gives it.
public struct Capabilities: OptionSet, Sendable {
  /// Bit N is capability N.
  public let rawValue: UInt64

  /// The capabilities whose bits are set.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Read any file and search any directory.
  public static let dacReadSearch = Capabilities(rawValue: 1 << 2)
  /// Become another group.
  public static let setGID = Capabilities(rawValue: 1 << 6)
  /// Become another user.
  public static let setUID = Capabilities(rawValue: 1 << 7)
  /// Change the bounding set.
  public static let setPCAP = Capabilities(rawValue: 1 << 8)
  /// See into any process.
  public static let sysPtrace = Capabilities(rawValue: 1 << 19)

  /// The highest number there may be: the sets have 64 bits.
  static let numbers = 0..<64

  /// What the calling thread may take into force (its permitted set); empty where the kernel refuses to tell.
  public static var permitted: Capabilities { read()?.permitted ?? [] }

  /// The calling thread's three sets.
  static func read() -> (effective: Capabilities, permitted: Capabilities, inheritable: Capabilities)? {
    var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
    var data = (__user_cap_data_struct(), __user_cap_data_struct())
    let result = withUnsafeMutablePointer(to: &data) {
      $0.withMemoryRebound(to: __user_cap_data_struct.self, capacity: 2) { weft_capget(&header, $0) }
    }
    guard result == 0 else { return nil }
    return (
      Capabilities(rawValue: UInt64(data.0.effective) | UInt64(data.1.effective) << 32),
      Capabilities(rawValue: UInt64(data.0.permitted) | UInt64(data.1.permitted) << 32),
      Capabilities(rawValue: UInt64(data.0.inheritable) | UInt64(data.1.inheritable) << 32)
    )
  }

  /// Makes this the calling thread's effective and permitted set, with nothing to inherit.
  func apply() throws(PrivilegeError) {
    var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
    let low = UInt32(truncatingIfNeeded: rawValue)
    let high = UInt32(truncatingIfNeeded: rawValue >> 32)
    var data = (
      __user_cap_data_struct(effective: low, permitted: low, inheritable: 0),
      __user_cap_data_struct(effective: high, permitted: high, inheritable: 0)
    )
    let result = withUnsafePointer(to: &data) {
      $0.withMemoryRebound(to: __user_cap_data_struct.self, capacity: 2) { weft_capset(&header, $0) }
    }
    guard result == 0 else { throw .call(SystemError("capset")) }
  }

  /// Takes every capability but these out of the bounding set, where the thread may.
  func boundAll() {
    guard Capabilities.permitted.contains(.setPCAP) else { return }
    for number in Self.numbers where rawValue >> UInt64(number) & 1 == 0 {
      // Beyond the last capability the kernel knows it answers EINVAL.
      if weft_prctl(PR_CAPBSET_DROP, UInt(number), 0, 0) != 0 { return }
    }
  }

  /// Whether any capability is in the ambient set, which survives execve(2).
  static var anyAmbient: Bool {
    numbers.contains { weft_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_IS_SET), UInt($0), 0) == 1 }
  }
}

/// Why privileges were not given up. A program that gets one must end: it may still have what it should not.
public enum PrivilegeError: Error, Equatable, CustomStringConvertible {
  /// A call on the way failed.
  case call(SystemError)
  /// No such user in the user database.
  case unknownUser(String)
  /// Threads other than the caller's would keep their capabilities.
  case threadsRunning(Int)
  /// After all calls had succeeded, this was still there.
  case remains(String)

  /// One line: what failed and what to check.
  public var description: String {
    switch self {
    case .call(let error): "cannot give up privileges: \(error)"
    case .unknownUser(let name): "no user '\(name)': name one of /etc/passwd, or a number below 4294967295"
    case .threadsRunning(let count): "privileges must be given up before threads start, and \(count) are running"
    case .remains(let what): "privileges remain after dropping them: \(what)"
    }
  }
}
