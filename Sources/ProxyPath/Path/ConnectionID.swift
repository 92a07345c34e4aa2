/// Names one connection in records, metrics and questions, for as long as journals are kept.
struct ConnectionID: BitwiseCopyable, Hashable, Sendable {
  let rawValue: UInt64

  /// `epoch`: 24 random bits a run, so that two proxies of one journal hardly ever name the same.
  init(epoch: UInt32, worker: UInt8, sequence: UInt32) {
    rawValue = UInt64(epoch & 0xff_ffff) << 40 | UInt64(worker) << 32 | UInt64(sequence)
  }

  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Sixteen hexadecimal digits, as in the journal's WEFT_CONNECTION_ID.
  var text: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
