internal import Discovery
internal import MeshModel

/// A question on its way from a worker to the control thread, by value: the worker builds no text.
struct LookupQuestion: BitwiseCopyable, Sendable {
  /// The longest label of a name (RFC 1035 section 2.3.4).
  static let labelLimit = 63

  private let address: IPAddress
  /// 0 where the question is about the address.
  private let serviceCount: UInt8
  private let namespaceCount: UInt8
  /// The service's name, and its namespace behind it.
  private let labels: InlineArray<126, UInt8>

  init(_ address: IPAddress) {
    self.address = address
    serviceCount = 0
    namespaceCount = 0
    labels = InlineArray(repeating: 0)
  }

  /// Of a service's name, in any case. Nil where one of the two is no label.
  init?(namespace: UnsafeRawBufferPointer, service: UnsafeRawBufferPointer) {
    guard (1...Self.labelLimit).contains(service.count), (1...Self.labelLimit).contains(namespace.count) else {
      return nil
    }
    var labels = InlineArray<126, UInt8>(repeating: 0)
    for index in 0..<service.count { labels[index] = service[index].lowercased }
    for index in 0..<namespace.count { labels[service.count + index] = namespace[index].lowercased }
    self.labels = labels
    address = IPAddress(high: 0, low: 0)
    serviceCount = UInt8(service.count)
    namespaceCount = UInt8(namespace.count)
  }

  /// The question in the words of the control thread, which may allocate.
  var key: LookupKey {
    guard serviceCount > 0 else { return .address(address) }
    return withUnsafeBytes(of: labels) { labels in
      let end = Int(serviceCount)
      return .host(
        namespace: String(decoding: labels[end..<end + Int(namespaceCount)], as: UTF8.self),
        service: String(decoding: labels[..<end], as: UTF8.self)
      )
    }
  }
}
