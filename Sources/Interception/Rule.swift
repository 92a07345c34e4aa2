internal import MeshModel

/// One rule: which packets, what becomes of them, and which case of capture.md it serves.
struct Rule: Equatable, Sendable {
  /// All of them must hold.
  let matches: [Match]
  /// Nil for a rule that only carries its comment.
  let target: Target?
  /// ASCII without quotes or backslashes, at most `longestComment` bytes.
  let comment: String

  /// XT_MAX_COMMENT_LEN (linux/netfilter/xt_comment.h) less the closing zero.
  static let longestComment = 255

  init(_ matches: [Match] = [], _ target: Target?, _ comment: String) {
    self.matches = matches
    self.target = target
    self.comment = comment
  }
}

/// A condition on packets; those of a rule must all hold.
enum Match: Equatable, Sendable {
  case destination(IPPrefix)
  case source(IPPrefix)
  case input(InterfaceName)
  case output(InterfaceName)
  case transport(Transport)
  case notTCP
  /// The first packet of a TCP connection: SYN without ACK, RST or FIN.
  ///
  /// Conntrack picks up connections older than the rules at any packet (nf_conntrack_tcp_loose) and calls that
  /// packet NEW too, so NEW alone would tear them apart: case 12.
  case newConnection
  case ports(Transport, PortRange)
  /// The sender's ports.
  case sourcePorts(Transport, PortRange)
  case icmp(Family, type: UInt8)
  case user(UInt32)
  case group(UInt32)
  case mark(PacketMark)
  /// The destination is an address of this namespace, 127.0.0.0/8 and ::1 included.
  case local
  /// Conntrack has not rewritten the destination: nothing redirected this connection to where it goes.
  case notRedirected
  /// Part of, or an error about, a flow that conntrack knows.
  case knownFlow
  case invalid
}

/// Transports that rules name.
enum Transport: String, Equatable, Sendable {
  case tcp
  case udp
}

/// What becomes of a packet that matched.
enum Target: Equatable, Sendable {
  /// Left alone by this chain.
  case leave
  case jump(ChainName)
  /// As `jump`, but the end of that chain is the end of this one too.
  case goto(ChainName)
  case redirect(PortRange)
  case refuse(Refusal)
  /// The flow is kept apart from those of other zones (net/netfilter/nf_conntrack_zones.h); table raw only.
  case zone(UInt16)
  case drop
}

/// How a refusal is told, so that programs fail at once and say why.
enum Refusal: Equatable, Sendable {
  case reset
  case portUnreachable
  case prohibited
}

/// Our chains. All begin with `WEFT_`: that is how they are known as ours.
enum ChainName: String, Sendable, CaseIterable {
  case outbound = "WEFT_OUTBOUND"
  case select = "WEFT_SELECT"
  case inbound = "WEFT_INBOUND"
  case virtual = "WEFT_VIRTUAL"
  case guarded = "WEFT_GUARD"
  case names = "WEFT_DNS"
  case namesZone = "WEFT_DNS_ZONE"
  case invalid = "WEFT_INVALID"
  case nonTCPOut = "WEFT_NONTCP_OUT"
  case nonTCPIn = "WEFT_NONTCP_IN"
  case nonTCP = "WEFT_NONTCP"
  case quicOut = "WEFT_QUIC_OUT"
  case quicIn = "WEFT_QUIC_IN"
  case quic = "WEFT_QUIC"
  case options = "WEFT_OPTIONS"
  /// Holds one rule of each kind for a moment, referenced by nothing, to learn what the kernel lacks.
  case probe = "WEFT_PROBE"

  /// What makes a chain ours, whatever version of us made it.
  static let prefix = "WEFT_"
}
