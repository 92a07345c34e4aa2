/// The transport protocols a NetworkPolicy port can name, spelt as Kubernetes spells them.
public enum Transport: String, Codable, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  case tcp = "TCP"
  case udp = "UDP"
  case sctp = "SCTP"
}
