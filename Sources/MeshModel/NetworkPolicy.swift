/// A Kubernetes NetworkPolicy, as far as it speaks of addresses and ports (`networking.k8s.io/v1`).
///
/// A direction whose rules are nil is one the policy does not speak of (its `policyTypes` leaves it out).
/// A direction whose rules are empty is denied altogether to the workloads selected.
public struct NetworkPolicy: Hashable, Sendable {
  /// The namespace whose workloads it is for.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// Which workloads of the namespace the policy applies to.
  public var podSelector: LabelSelector
  /// Rules for inbound flows; nil where the policy does not speak of them.
  public var ingress: [Rule]?
  /// Rules for outbound flows; nil where the policy does not speak of them.
  public var egress: [Rule]?

  /// A policy; by default it selects the whole namespace and restricts nothing.
  public init(
    namespace: String,
    name: String,
    podSelector: LabelSelector = LabelSelector(),
    ingress: [Rule]? = nil,
    egress: [Rule]? = nil
  ) {
    self.namespace = namespace
    self.name = name
    self.podSelector = podSelector
    self.ingress = ingress
    self.egress = egress
  }

  /// `namespace/name`, by which verdicts name the policy.
  public var fullName: String { "\(namespace)/\(name)" }

  /// The rules for a direction; nil where the policy does not speak of it.
  public func rules(_ direction: Direction) -> [Rule]? {
    direction == .inbound ? ingress : egress
  }

  /// Whether the policy applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    namespace == workload.namespace && podSelector.selects(workload.labels)
  }

  /// One entry of `ingress` or `egress`: it allows what some block and some port both match.
  public struct Rule: Hashable, Sendable {
    /// Blocks of which one must hold the peer; empty means any peer.
    public var ipBlocks: [IPBlock]
    /// Ports of which one must match; empty means any port of any protocol.
    public var ports: [PortMatch]

    /// A rule that allows what it lists; what it leaves out it does not ask for.
    public init(ipBlocks: [IPBlock] = [], ports: [PortMatch] = []) {
      self.ipBlocks = ipBlocks
      self.ports = ports
    }
  }
}

/// A block of addresses with holes in it.
public struct IPBlock: Hashable, Sendable {
  /// The whole block, holes included.
  public let cidr: IPPrefix
  /// Blocks within `cidr` that do not belong to it.
  public let except: [IPPrefix]

  /// Nil where an exception does not lie in `cidr`.
  public init?(_ cidr: IPPrefix, except: [IPPrefix] = []) {
    guard except.allSatisfy({ cidr.contains($0) }) else { return nil }
    self.cidr = cidr
    self.except = except
  }

  /// Whether `address` lies in the block and in none of its holes.
  public func contains(_ address: IPAddress) -> Bool {
    cidr.contains(address) && !except.contains { $0.contains(address) }
  }
}

/// The ports of one protocol that a rule allows.
public struct PortMatch: Hashable, Sendable {
  /// The protocol.
  public let transport: Transport
  /// The ports; nil means every port of the protocol.
  public let ports: ClosedRange<UInt16>?

  /// The ports of `transport`; every one of them where none are given.
  public init(_ transport: Transport, _ ports: ClosedRange<UInt16>? = nil) {
    self.transport = transport
    self.ports = ports
  }

  /// Whether a flow to `port` is one of these.
  public func matches(_ port: UInt16, _ transport: Transport) -> Bool {
    transport == self.transport && (ports?.contains(port) ?? true)
  }
}

extension PortMatch: CustomStringConvertible {
  /// `80/TCP`, `443-445/TCP`, or `any/UDP`.
  public var description: String {
    guard let ports else { return "any/\(transport.rawValue)" }
    return ports.count == 1
      ? "\(ports.lowerBound)/\(transport.rawValue)"
      : "\(ports.lowerBound)-\(ports.upperBound)/\(transport.rawValue)"
  }
}
