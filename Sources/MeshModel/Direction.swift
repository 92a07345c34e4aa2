/// Which way a connection goes, seen from the workload that a proxy serves.
public enum Direction: String, Codable, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// Someone dials the workload: Kubernetes calls it ingress.
  case inbound
  /// The workload dials someone: Kubernetes calls it egress.
  case outbound

  /// The direction as NetworkPolicy fields spell it: `ingress` or `egress`.
  public var policyField: String { self == .inbound ? "ingress" : "egress" }

  /// The direction as `policyTypes` spells it: `Ingress` or `Egress`.
  public var policyType: String { self == .inbound ? "Ingress" : "Egress" }

  /// The field that lists a rule's peers in this direction: `from` or `to`.
  public var peersField: String { self == .inbound ? "from" : "to" }
}
