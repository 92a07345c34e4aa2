internal import COpenSSL

/// Where a session's bytes come from and go to while a call lasts: a BIO (bio(7)) of our own, without memory.
///
/// A socket BIO would read twice for a record; a memory BIO copies each byte once more, and grows by itself.
struct Wire {
  var input = UnsafeRawBufferPointer(start: nil, count: 0)
  var output: Unmanaged<CipherBuffer>?

  /// A BIO on that wire, which must outlive it.
  static func bio(_ wire: UnsafeMutablePointer<Wire>) -> OpaquePointer? {
    guard let method, let bio = BIO_new(method) else { return nil }
    BIO_set_data(bio, wire)
    BIO_set_init(bio, 1)
    return bio
  }

  // Made once and never changed; OpenSSL reads it from all threads.
  private nonisolated(unsafe) static let method: OpaquePointer? = {
    // Types below 128 are OpenSSL's own; its index is added, so that no other module's BIO is taken for one of these.
    guard let method = BIO_meth_new(BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK), "weft wire") else { return nil }
    BIO_meth_set_read(method) { bio, into, count in
      guard let bio, let into, let data = BIO_get_data(bio) else { return -1 }
      let wire = data.assumingMemoryBound(to: Wire.self)
      weft_bio_clear_retry(bio)
      let taken = min(Int(count), wire.pointee.input.count)
      guard taken > 0, let from = wire.pointee.input.baseAddress else {
        weft_bio_retry_read(bio)
        return -1
      }
      UnsafeMutableRawPointer(into).copyMemory(from: from, byteCount: taken)
      wire.pointee.input = UnsafeRawBufferPointer(rebasing: wire.pointee.input[taken...])
      return Int32(taken)
    }
    BIO_meth_set_write(method) { bio, from, count in
      guard let bio, let from, let data = BIO_get_data(bio), count > 0 else { return -1 }
      weft_bio_clear_retry(bio)
      guard let output = data.assumingMemoryBound(to: Wire.self).pointee.output else { return -1 }
      let taken = output._withUnsafeGuaranteedRef {
        $0.append(UnsafeRawBufferPointer(start: from, count: Int(count)))
      }
      guard taken > 0 else {
        weft_bio_retry_write(bio)
        return -1
      }
      return Int32(taken)
    }
    // Everything written is where it should be: there is nothing to flush (BIO_ctrl(3), BIO_CTRL_FLUSH).
    BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
    return method
  }()
}
