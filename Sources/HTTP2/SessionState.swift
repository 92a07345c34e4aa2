/// What nghttp2's callbacks read and write: the streams, and the events to be told. It is a class because the callbacks get
/// a pointer to it, which must stay the same while the session that owns it is moved about.
final class SessionState {
  let limits: SessionLimits
  var streams: [Int32: StreamRecord] = [:]
  var events: [SessionEvent] = []
  var budget: ControlBudget
  /// CONTINUATION frames in a row.
  var continuations = 0
  /// The caller's clock, as it said when it handed over the bytes that are being read.
  var now_ms: UInt64 = 0
  /// The bytes that are being read; nil between calls.
  var input: UnsafeRawBufferPointer?
  /// Why the session ended, or will.
  var fault: SessionError?

  init(_ limits: SessionLimits) {
    self.limits = limits
    budget = ControlBudget(limits)
  }

  /// A field of the list that is arriving. False when the list is above its bounds: then the stream must be reset.
  func add(
    _ name: UnsafeBufferPointer<UInt8>,
    _ value: UnsafeBufferPointer<UInt8>,
    to stream: Int32
  ) -> Bool {
    // In place: a copy of the record would make each field copy the list.
    streams[stream]?.add(name, value, limits) ?? true
  }

  /// A header list is whole. False when it is one informational response too many: then the stream must be reset.
  func endHeaders(_ stream: Int32, endsStream: Bool) -> Bool {
    guard var record = streams[stream] else { return true }
    let fields = record.fields
    record.fields = HeaderFields()
    defer { streams[stream] = record }
    switch record.phase {
    case .over: return true
    case .headers(let informational):
      // nghttp2 let nothing through that is not three digits.
      guard fields[":status"]?.first != "1" else {
        let isAllowed = informational < limits.informationalResponses
        record.phase = isAllowed ? .headers(informational: informational + 1) : .over
        return isAllowed
      }
      record.phase = endsStream ? .over : .bodyOrTrailers
      events.append(.headers(StreamID(stream), fields, endsStream: endsStream))
    case .bodyOrTrailers:
      record.phase = .over
      events.append(.trailers(StreamID(stream), fields))
    }
    return true
  }

  /// A piece of a body that lies at `start`. False when that is not within the bytes that are being read, which nghttp2
  /// does not do.
  func addData(_ stream: Int32, _ start: UnsafeRawPointer, count: Int) -> Bool {
    guard case .bodyOrTrailers = streams[stream]?.phase, count > 0 else { return true }
    guard let input, let base = input.baseAddress, start >= base, start - base <= input.count - count else {
      return false
    }
    let offset = start - base
    events.append(.data(StreamID(stream), offset..<offset + count))
    return true
  }

  /// The body of a response is over, without trailers.
  func endBody(_ stream: Int32) {
    guard case .bodyOrTrailers = streams[stream]?.phase else { return }
    streams[stream]?.phase = .over
    events.append(.bodyEnded(StreamID(stream)))
  }

  /// The stream is gone.
  func close(_ stream: Int32, _ code: ErrorCode) {
    guard streams.removeValue(forKey: stream) != nil else { return }
    events.append(.streamClosed(StreamID(stream), code))
  }
}
