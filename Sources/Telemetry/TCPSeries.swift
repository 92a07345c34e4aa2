public import MeshModel
internal import Synchronization

/// What a connection is secured by, in Linkerd's words: its `tls` label, and `no_tls_reason` where that is `no_identity`.
public enum TCPSecurity: UInt8, Sendable, CaseIterable {
  /// Mutual TLS with another proxy.
  case mutual
  /// TLS that a DestinationRule asks for, with a server that is none of the mesh's proxies: Linkerd speaks none such.
  case server
  /// None, since it does not leave the pod.
  case loopback
  /// None, since whoever dialled showed no identity.
  case notOffered
  /// None, since the mesh knows of no proxy at the other end.
  case unmeshed

  var labels: [MetricLabel] {
    switch self {
    case .mutual: [MetricLabel("tls", "true")]
    case .server: [MetricLabel("tls", "server_tls")]
    case .loopback: Self.none("loopback")
    case .notOffered: Self.none("no_tls_from_remote")
    case .unmeshed: Self.none("not_provided_by_service_discovery")
    }
  }

  private static func none(_ reason: String) -> [MetricLabel] {
    [MetricLabel("tls", "no_identity"), MetricLabel("no_tls_reason", reason)]
  }
}

/// The labels of a series of connections. They come from documents and fixed lists, never from what a peer sent.
public struct TCPSeries: Hashable, Sendable {
  /// A port of a service.
  public struct Service: Hashable, Sendable {
    /// Its namespace, its name in it, and the port that is dialled.
    public let namespace: String, name: String, port: UInt16

    /// All three.
    public init(namespace: String, name: String, port: UInt16) {
      (self.namespace, self.name, self.port) = (namespace, name, port)
    }
  }

  /// Seen from the workload.
  public let direction: Direction
  /// Which end.
  public let peer: Peer
  /// What that end is secured by.
  public let security: TCPSecurity
  /// Nil where the destination belongs to no service that is known.
  public let service: Service?

  /// A set of labels.
  public init(_ direction: Direction, _ peer: Peer, _ security: TCPSecurity, _ service: Service?) {
    (self.direction, self.peer, self.security, self.service) = (direction, peer, security, service)
  }

  var labels: [MetricLabel] {
    let labels = [MetricLabel("direction", direction.rawValue), MetricLabel("peer", peer.label)] + security.labels
    guard let service else { return labels }
    return labels + [
      MetricLabel("dst_service", service.name), MetricLabel("dst_namespace", service.namespace),
      MetricLabel("dst_port", "\(service.port)"),
    ]
  }
}

/// Numbers for sets of labels, the same ones as long as the process lives, so that no counter ever goes back.
///
/// Any thread may ask. It takes a lock and hashes texts: ask once for a table and label set, not with every connection.
public final class TCPSeriesRegistry: Sendable {
  /// Sets of labels that get a number of their own: the services of a usual workload, both ends of each, with and without TLS.
  /// With all in use they cost 80 KB a worker, and a fourth of a scrape's room.
  public static let limit = 250
  /// The number of whatever has none of its own: connections that serve requests of many services, and what found none left.
  /// They are told apart by direction and end alone, in the numbers below `own`.
  public static let general: UInt16 = 0
  /// The first number that is given away.
  static let own = Direction.allCases.count * Peer.allCases.count
  static let capacity = own + limit

  private struct State {
    var series: [TCPSeries] = []
    var numbers: [TCPSeries: UInt16] = [:]
    var folded: UInt64 = 0
  }

  private let state = Mutex(State())

  /// A registry without any.
  public init() {}

  /// The number of a set of labels; `general` where all are given away, which is counted.
  public func number(_ wanted: TCPSeries) -> UInt16 {
    state.withLock { state in
      if let known = state.numbers[wanted] { return known }
      guard state.series.count < Self.limit else {
        state.folded &+= 1
        return Self.general
      }
      let number = UInt16(Self.own + state.series.count)
      state.series.append(wanted)
      state.numbers[wanted] = number
      return number
    }
  }

  /// Every set of labels that has a number, the first of which is `own`.
  var series: [TCPSeries] { state.withLock { $0.series } }
  /// How often somebody was given `general` instead of a number of their own.
  public var folded: UInt64 { state.withLock { $0.folded } }
}
