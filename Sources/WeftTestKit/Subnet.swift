public import MeshModel

internal import Glibc

/// The addresses of one link: a /28 of 198.18.0.0/15 (RFC 2544, for tests) and a /64 of one ULA prefix. Links of one run
/// differ, and runs at once most often, so a log line tells which test it belongs to; nothing depends on it, since
/// every link lies between namespaces.
public struct Subnet: Sendable {
  /// Blocks of 16 addresses in a /15.
  private static let count = 8192

  private let index: Int

  /// The next one of this run.
  public init() { index = (Int(getpid()) * 61 + Names.next()) % Self.count }

  /// The IPv4 address of host `host`, 1 to 14.
  public func v4(_ host: Int) -> IPAddress { IPAddress(v4: 0xc612_0000 + UInt32(index * 16 + host)) }

  /// The IPv6 address of host `host`.
  public func v6(_ host: Int) -> IPAddress {
    IPAddress(high: 0xfd57_4546_5400_0000 | UInt64(index), low: UInt64(host))
  }

  /// What `ip address add` needs after each address.
  static let v4Length = 28
  /// What `ip address add` needs after each address.
  static let v6Length = 64
}
