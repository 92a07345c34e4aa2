internal import CLinux

/// The effective capabilities of this process (capabilities(7)).
public struct EffectiveCapabilities: Sendable {
  /// The ones that Weft's programs ask about, numbered as in linux/capability.h.
  public enum Capability: Int, Sendable {
    case netAdmin = 12
    case netRaw = 13
    case sysAdmin = 21

    /// The name as manual pages and container runtimes write it.
    public var name: String {
      switch self {
      case .netAdmin: "CAP_NET_ADMIN"
      case .netRaw: "CAP_NET_RAW"
      case .sysAdmin: "CAP_SYS_ADMIN"
      }
    }
  }

  private let bits: UInt64

  /// Reads the process's own set; empty where the kernel refuses to tell.
  public static func ofThisProcess() -> EffectiveCapabilities {
    var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
    var data = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
    guard weft_capget(&header, &data) == 0 else { return EffectiveCapabilities(bits: 0) }
    return EffectiveCapabilities(bits: UInt64(data[0].effective) | UInt64(data[1].effective) << 32)
  }

  /// Whether `capability` is in force.
  public func contains(_ capability: Capability) -> Bool { bits >> UInt64(capability.rawValue) & 1 == 1 }
}
