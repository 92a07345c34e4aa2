/// What a name server did since it started.
public struct NameServerCounts: Hashable, Sendable {
  /// Queries answered from the table, "there is none" included.
  public private(set) var answered: UInt64 = 0
  /// Of these, answers with TC set.
  public private(set) var truncated: UInt64 = 0
  /// Queries that others were to be asked.
  public private(set) var forwarded: UInt64 = 0
  /// Messages not served, by why.
  private var faults = [UInt64](repeating: 0, count: DNSFault.allCases.count)

  /// Nothing so far.
  public init() {}

  /// Messages not served for this reason.
  public func refused(_ fault: DNSFault) -> UInt64 { faults[Int(fault.rawValue)] }

  /// Messages not served.
  public var refused: UInt64 { faults.reduce(0, +) }

  mutating func count(_ outcome: NameServer.Outcome) {
    switch outcome {
    case .reply(let bytes):
      answered += 1
      if MessageHeader(bytes)?.isTruncated == true { truncated += 1 }
    case .forward: forwarded += 1
    case .refuse(_, let fault), .drop(let fault): faults[Int(fault.rawValue)] += 1
    }
  }
}
