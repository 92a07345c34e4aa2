internal import MeshModel

/// A question on its way from a worker to the control thread, by value: the worker builds no text.
struct LookupQuestion: BitwiseCopyable, Sendable {
  /// The longest host that is asked about: two labels of 63 bytes, the dot between them and the longest ending of a
  /// service's name, `.svc.cluster.local`.
  static let nameLimit = 145

  private let address: IPAddress
  /// 0 where the question is about the address.
  private let nameCount: UInt8
  private let name: InlineArray<145, UInt8>

  init(_ address: IPAddress) {
    self.address = address
    nameCount = 0
    name = InlineArray(repeating: 0)
  }

  /// Of a host as it came, without a port. Nil where it is too long to be a service's.
  init?(host: UnsafeRawBufferPointer) {
    var count = host.count
    if count > 1, host[count &- 1] == UInt8(ascii: ".") { count &-= 1 }
    guard count > 0, count <= Self.nameLimit else { return nil }
    var name = InlineArray<145, UInt8>(repeating: 0)
    for index in 0..<count { name[index] = host[index].lowercased }
    self.name = name
    address = IPAddress(high: 0, low: 0)
    nameCount = UInt8(count)
  }

  /// The question in the words of the control thread, which may allocate.
  var key: LookupKey {
    guard nameCount > 0 else { return .address(address) }
    return withUnsafeBytes(of: name) { .host(String(decoding: $0.prefix(Int(nameCount)), as: UTF8.self)) }
  }
}
