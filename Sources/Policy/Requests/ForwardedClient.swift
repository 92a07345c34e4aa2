public import HTTP1
public import MeshModel

extension RequestTable {
  /// How many entries of x-forwarded-for are looked at: as many as a request may pass proxies.
  private static let forwardedEntries = HopCount.limit

  /// Who asks, where `source` is where the connection comes from: that itself, or whom a declared forwarder names.
  ///
  /// Each proxy adds the address it was asked from behind what it was sent, so the last entry is the forwarder's own word
  /// and all before it are words of whom it names; the first is whatever the first client liked to write. Where the entry
  /// is a forwarder's too, that one's word is the entry before. The latter is the common case: behind its own proxy, a
  /// gateway is asked from its own address, and adds it behind the client's that the proxy has added.
  public func client(_ head: borrowing RequestHead, from source: IPAddress) -> IPAddress {
    guard head.fields.first(.xForwardedFor) != nil, isForwarder(source) else { return source }
    var client = source
    var chain = ForwardedChain(head.fields)
    for _ in 0..<Self.forwardedEntries {
      // What is no address, such as "unknown", names nobody: whoever said so is the last that is known.
      guard let entry = chain.previous(head.fields), let named = IPAddress(text: entry) else { break }
      // A host speaking to itself: another process of the forwarder's.
      if named.isLoopback { continue }
      client = named
      guard isForwarder(named) else { break }
    }
    return client
  }
}

/// The entries of all x-forwarded-for fields that go on, as one list (RFC 9110 section 5.3), from the last to the first.
/// Empty ones are passed over (section 5.6.1.2).
private struct ForwardedChain: BitwiseCopyable {
  /// The field at which the list is, and how many bytes of its value are left.
  private var field: Int
  private var left: Int

  @inline(__always)
  init(_ fields: borrowing FieldTable) {
    field = fields.count
    left = 0
  }

  /// The entry before the one asked for last; nil before the first.
  @inline(__always)
  mutating func previous(_ fields: borrowing FieldTable) -> UnsafeRawBufferPointer? {
    while true {
      if left <= 0 {
        guard let index = fields.last(.xForwardedFor, before: field) else { return nil }
        field = index
        left = fields.value(at: index).count
        continue
      }
      let value = fields.value(at: field)
      var end = left
      var start = end
      while start > 0, value[start &- 1] != UInt8(ascii: ",") { start &-= 1 }
      left = start &- 1
      while end > start, Self.isBlank(value[end &- 1]) { end &-= 1 }
      while start < end, Self.isBlank(value[start]) { start &+= 1 }
      if start < end { return UnsafeRawBufferPointer(rebasing: value[start..<end]) }
    }
  }

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
