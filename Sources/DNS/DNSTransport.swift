/// How a message travels.
public enum DNSTransport: Hashable, Sendable, BitwiseCopyable {
  case udp
  /// With its length before it; see `MessageStream`.
  case tcp
}
