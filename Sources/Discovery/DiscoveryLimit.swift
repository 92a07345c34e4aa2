/// Every bound of the push: what a broken or hostile peer can make the other hold, send or compute.
public enum DiscoveryLimit {
  /// Bytes of a resource's name: the longest of ours, a host name of two labels with its ending, is 155.
  public static let nameBytes = 512
  /// Bytes of a version as another agent may write it; ours are 16.
  public static let versionBytes = 128
  /// Bytes of a reason that is kept or sent: what an operator reads in one line.
  public static let reasonBytes = 1_024

  /// Names that one proxy may be subscribed to, of all types: all that `ProxyView` ever asks for, and some room.
  public static let subscriptions = 24_576
  /// Names in one request of a proxy: 300 kB of them at their longest, so that no request meets a transport's bound.
  public static let requestNames = 2_048
  /// Resources and removals in one response.
  public static let responseItems = 4_096
  /// Bytes of one response, unless a single resource is larger: short enough to share a stream with others.
  public static let responseBytes = 1 << 20
  /// Bytes of one resource: a quarter of what a whole snapshot may have. A larger one is not sent, and the old one stays.
  public static let resourceBytes = 16 << 20

  /// Bytes of a proxy's name: a DNS subdomain (RFC 1123).
  public static let nodeBytes = 253
  /// Addresses of one proxy's pod: interfaces and families, many times over.
  public static let nodeAddresses = 64

  /// Bytes of encoded resources that an agent keeps: 1 kB for each of 10,000 services, three times.
  public static let cacheBytes = 32 << 20
  /// Workloads whose policies an agent keeps: ten times what Kubernetes runs on one host.
  public static let workloads = 1_024
  /// Services that one workload can be an endpoint of: as many as a host may register.
  public static let ownServices = 1_024
  /// Services with names outside the mesh that every proxy is told of, for it must know whom a name is before anybody asks.
  public static let outsideServices = 256

  /// Host names of which a proxy keeps what stands behind them: more than a program talks to.
  public static let hostLookups = 4_096
  /// Addresses likewise: destinations and peers, so twice as many.
  public static let addressLookups = 8_192
  /// One in so many goes when there are too many, so that finding the oldest costs little for each.
  public static let evictedShare = 16
  /// Services that a proxy holds, those that routes lead to included: a half of the largest mesh.
  public static let services = 4_096
}
