/// What the session remembers of one request until its stream is closed.
struct StreamRecord {
  /// What of the response is awaited.
  enum Phase {
    /// The final header list; so many informational ones came before.
    case headers(informational: Int)
    case bodyOrTrailers
    /// Nothing: the response was refused, or is over.
    case over
  }

  var phase = Phase.headers(informational: 0)
  /// The list that is arriving.
  var fields = HeaderFields()
  /// Bytes of the request that wait.
  var pending = ByteQueue()
  /// Nothing will follow what waits.
  var isFinished: Bool
  /// nghttp2 asked for bytes when there were none, and has to be told of the next.
  var isDeferred = false

  /// A field of the list that is arriving. False when the list is above its bounds: then it is dropped, and the stream must
  /// be reset.
  mutating func add(
    _ name: UnsafeBufferPointer<UInt8>,
    _ value: UnsafeBufferPointer<UInt8>,
    _ limits: SessionLimits
  ) -> Bool {
    if case .over = phase { return true }
    let size = name.count + value.count + HeaderFields.overheadBytes
    guard fields.count < limits.headerFields, fields.listBytes + size <= limits.headerListBytes else {
      phase = .over
      fields = HeaderFields()
      return false
    }
    fields.append(name, value)
    return true
  }

  /// Bytes of the request, of which these are the last when `isLast`. Returns whether nghttp2 has to be told of them.
  mutating func add(_ bytes: UnsafeRawBufferPointer, isLast: Bool) -> Bool {
    pending.append(bytes)
    isFinished = isLast
    guard isDeferred, bytes.count > 0 || isLast else { return false }
    isDeferred = false
    return true
  }
}
