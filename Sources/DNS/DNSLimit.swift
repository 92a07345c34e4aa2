/// Bounds on what a DNS message may ask of us, and on what we put into one.
///
/// The number of records is bounded by the bytes: each takes eleven at least, and nothing is set aside for what a
/// header merely announces.
public enum DNSLimit {
  /// A message, in bytes: what the length before a message on TCP can say (RFC 1035 section 4.2.2).
  public static let messageBytes = 65_535
  /// The header, in bytes (RFC 1035 section 4.1.1).
  public static let headerBytes = 12
  /// A name with its length bytes and the root (RFC 1035 section 3.1).
  public static let nameBytes = 255
  /// One label (RFC 1035 section 2.3.4).
  public static let labelBytes = 63
  /// Compression pointers followed for one name: as many as the longest name has labels. More only make us walk.
  public static let pointers = 127
  /// A UDP message for whom says nothing else (RFC 1035 section 2.3.4).
  public static let plainUDPBytes = 512
  /// A UDP message at most, whatever the client offers: it passes every IPv6 path unfragmented (DNS flag day 2020).
  public static let udpBytes = 1_232
  /// Options in one OPT record: there are about 20 kinds, and each costs a copy.
  public static let options = 64
  /// Bytes of the text in an extended error that we write: a sentence that fits beside any question.
  public static let errorTextBytes = 160
  /// Addresses, or SRV records, in an answer for a service without a virtual address. More than fit into UDP, whose
  /// clients come back by TCP; who wants to know thousands of endpoints asks the agent.
  public static let endpointRecords = 64
}
