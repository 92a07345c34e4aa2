public import MeshModel

/// What a resolver answered to a question for the addresses of a host.
public enum HostAnswer: Hashable, Sendable {
  /// The addresses in the order of the answer, each once, and for how many seconds they may be kept.
  case addresses([IPAddress], ttl_s: UInt32)
  /// The host exists, or may, and has no address of the kind that was asked for.
  case none
  /// Nobody knows: why.
  case failed(String)

  /// Other names of a host that are followed (RFC 1034 section 3.6.2): content networks use three or four.
  public static let maxAliases = 16

  /// Reads an answer to `question`. The shortest time of all that led to an address counts.
  public init(_ bytes: [UInt8], to question: Question) {
    let message: Message
    do throws(DNSFault) { message = try Message(bytes) } catch {
      self = .failed("the answer cannot be read: \(error)")
      return
    }
    guard message.responseCode == .noError || message.responseCode == .nameError else {
      let told = message.edns?.options.lazy.compactMap { ExtendedError($0)?.text }.first
      self = .failed(told ?? "\(message.responseCode)")
      return
    }
    self.init(message, to: question)
  }

  private init(_ message: Message, to question: Question) {
    var name = question.name
    var ttl_s = UInt32.max
    for _ in 0...Self.maxAliases {
      let records = message.answers.filter { $0.name == name && $0.recordClass == question.recordClass }
      let found = records.filter { $0.data.type == question.type }
      if !found.isEmpty {
        let addresses = found.compactMap(\.data.address).filter { !$0.isUnspecified && !$0.isLinkLocalIPv6 }
        var seen: Set<IPAddress> = []
        ttl_s = found.reduce(ttl_s) { min($0, $1.ttl_s) }
        let distinct = addresses.filter { seen.insert($0).inserted }
        self = distinct.isEmpty ? .none : .addresses(distinct, ttl_s: ttl_s)
        return
      }
      guard case .cname(let next)? = records.first(where: { $0.data.type == .cname })?.data else { break }
      ttl_s = records.reduce(ttl_s) { min($0, $1.ttl_s) }
      name = next
    }
    if message.header.isTruncated {
      self = .failed("the answer is longer than \(DNSLimit.udpBytes) bytes, and not to be had by TCP")
      return
    }
    self = .none
  }
}

extension RecordData {
  /// The address that it says.
  fileprivate var address: IPAddress? {
    switch self {
    case .a(let address), .aaaa(let address): address
    default: nil
    }
  }
}

extension ForwardQuery {
  /// A question of our own for `ForwardTable`, that resolvers are to find the answer to, however long.
  public init(_ question: Question) {
    var header = MessageHeader(id: 0)
    header.isRecursionDesired = true
    self.init(
      Message(header, questions: [question], edns: EDNS()),
      question,
      by: .udp,
      limit: DNSLimit.messageBytes,
      goesOnByTCP: true
    )
  }
}
