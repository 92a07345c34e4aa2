internal import Discovery
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
    // No label of a name has as many bytes.
    var state = start(256)
    mix(&state, ip.high)
    mix(&state, ip.low)
    return LookupFingerprint(high: state.0, low: state.1)
  }

  /// Of a service's name, in any case: all its forms are one key.
  func callAsFunction(namespace: UnsafeRawBufferPointer, service: UnsafeRawBufferPointer) -> LookupFingerprint {
    var state = start(UInt64(service.count))
    mix(&state, service)
    mix(&state, namespace)
    return LookupFingerprint(high: state.0, low: state.1)
  }

  func callAsFunction(_ key: LookupKey) -> LookupFingerprint {
    switch key {
    case .address(let ip): return self(ip)
    case .host(var namespace, var service):
      return namespace.withUTF8 { namespace in
        service.withUTF8 { self(namespace: UnsafeRawBufferPointer(namespace), service: UnsafeRawBufferPointer($0)) }
      }
    }
  }

  private func start(_ count: UInt64) -> (UInt64, UInt64) { (first ^ count, second ^ count) }

  private func mix(_ state: inout (UInt64, UInt64), _ text: UnsafeRawBufferPointer) {
    var word: UInt64 = 0
    for index in 0..<text.count {
      word = word << 8 | UInt64(text[index].lowercased)
      if index & 7 == 7 {
        mix(&state, word)
        word = 0
      }
    }
    mix(&state, word)
  }

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
