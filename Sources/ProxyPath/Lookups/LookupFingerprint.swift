internal import MeshModel

/// Stands for a key in a worker's tables: 128 bits of a hash with secret seeds. Two keys of one proxy never have the same
/// but by a chance of 2^-100 or so, and nobody who does not know the seeds can look for two that do.
struct LookupFingerprint: BitwiseCopyable, Equatable, Sendable {
  let high: UInt64
  let low: UInt64
}

/// Makes fingerprints.
struct LookupHash: BitwiseCopyable, Sendable {
  private let first: UInt64
  private let second: UInt64

  init(seeds first: UInt64 = .random(in: .min ... .max), _ second: UInt64 = .random(in: .min ... .max)) {
    self.first = first
    self.second = second
  }

  func callAsFunction(_ ip: IPAddress) -> LookupFingerprint {
    // A name has at most 255 bytes: its hash begins with another number.
    var state = start(256)
    mix(&state, ip.high)
    mix(&state, ip.low)
    return LookupFingerprint(high: state.0, low: state.1)
  }

  /// Of a host in any case, perhaps with a dot at its end.
  func callAsFunction(host: UnsafeRawBufferPointer) -> LookupFingerprint {
    var count = host.count
    if count > 1, host[count &- 1] == UInt8(ascii: ".") { count &-= 1 }
    var state = start(UInt64(count))
    var word: UInt64 = 0
    for index in 0..<count {
      word = word << 8 | UInt64(host[index].lowercased)
      if index & 7 == 7 {
        mix(&state, word)
        word = 0
      }
    }
    mix(&state, word)
    return LookupFingerprint(high: state.0, low: state.1)
  }

  func callAsFunction(_ key: LookupKey) -> LookupFingerprint {
    switch key {
    case .address(let ip): return self(ip)
    case .host(var name): return name.withUTF8 { self(host: UnsafeRawBufferPointer($0)) }
    }
  }

  private func start(_ count: UInt64) -> (UInt64, UInt64) { (first ^ count, second ^ count) }

  /// The halves of a product hold every bit of both.
  @inline(__always)
  private func mix(_ state: inout (UInt64, UInt64), _ word: UInt64) {
    let one = (state.0 ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    let other = (state.1 ^ word).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    state = (one.high ^ one.low &+ first, other.high ^ other.low &+ second)
  }
}

extension UInt8 {
  /// A letter of ASCII in lower case; any other byte as it is.
  @inline(__always)
  var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
