internal import CNghttp2

/// The header list that arrives on a connection: there is one at most (RFC 9113 section 4.3).
struct ArrivingList: BitwiseCopyable {
  /// Its stream; 0 when none arrives.
  var stream: Int32 = 0
  /// Where it begins in the scratch.
  var firstField = 0
  var firstByte = 0
  /// As SETTINGS_MAX_HEADER_LIST_SIZE measures it.
  var listBytes = 0
  /// CONTINUATION frames so far.
  var continuations = 0
  // Unsafe: where a list waits that is not whole when a call ends: the scratch is the worker's, and another connection's next.
  // Owned by the session, which frees it when the list is taken up again, or with itself. It is no larger than the list.
  var kept: PathFieldStore?
}

extension PathState {
  /// A list begins.
  mutating func beginList(_ stream: Int32) {
    arriving.stream = stream
    arriving.firstField = scratch?.pointee.fields.fieldCount ?? 0
    arriving.firstByte = scratch?.pointee.fields.byteCount ?? 0
    arriving.listBytes = 0
    arriving.continuations = 0
  }

  /// A field of it; what nghttp2 has to do next.
  mutating func addField(
    _ name: UnsafePointer<UInt8>?,
    _ nameCount: Int,
    _ value: UnsafePointer<UInt8>?,
    _ valueCount: Int,
    isSensitive: Bool,
    _ session: OpaquePointer?
  ) -> PathNext {
    guard let scratch else { return .fail }
    arriving.listBytes += nameCount + valueCount + HeaderFields.overheadBytes
    guard scratch.pointee.fields.fieldCount - arriving.firstField < limits.headerFields else {
      return dropList(.tooManyFields, session)
    }
    guard arriving.listBytes <= limits.headerListBytes else { return dropList(.headerListTooLarge, session) }
    let isAdded = scratch.pointee.fields.append(name, nameCount, value, valueCount, isSensitive: isSensitive)
    guard isAdded else { return .fail }
    let mustMove = scratch.pointee.mustMove(listAtField: arriving.firstField, byte: arriving.firstByte)
    guard mustMove || scratch.pointee.mustPause else { return .proceed }
    hasPaused = true
    return .pause
  }

  private mutating func dropList(_ reason: PathRefusal, _ session: OpaquePointer?) -> PathNext {
    refuse(arriving.stream, reason, session)
    forgetList()
    return .ignoreList
  }

  /// Nothing arrives any more.
  mutating func forgetList() {
    guard arriving.stream != 0 else { return }
    scratch?.pointee.fields.cut(fields: arriving.firstField, bytes: arriving.firstByte)
    arriving.stream = 0
  }

  /// The list is whole, and no fault was found in it.
  mutating func endList(_ stream: Int32, isRequest: Bool, endsStream: Bool, _ session: OpaquePointer?) {
    guard arriving.stream == stream, let scratch else { return }
    let count = scratch.pointee.fields.fieldCount - arriving.firstField
    let range = PathFieldRange(start: UInt32(arriving.firstField), fieldCount: UInt32(count))
    arriving.stream = 0
    if isServer {
      tell(isRequest ? .head(range, endsStream: endsStream) : .trailers(range), of: stream, session)
      return
    }
    let list = scratch.pointee.fields.list(from: arriving.firstField, count: count)
    // nghttp2 lets pseudo-fields pass only at the front, of which a response has one, and trailers none.
    guard count > 0, list.name(0).first == UInt8(ascii: ":") else { return tell(.trailers(range), of: stream, session) }
    guard list.value(0).first == UInt8(ascii: "1") else {
      return tell(.head(range, endsStream: endsStream), of: stream, session)
    }
    guard informational.spend(now_ms: 0) else { return refuse(stream, .tooManyInformational, session) }
    tell(.informational(range), of: stream, session)
  }

  /// Puts a list that is not whole aside at the end of a call.
  mutating func keepList() {
    guard arriving.stream != 0, let scratch else { return }
    let count = scratch.pointee.fields.fieldCount - arriving.firstField
    guard count > 0 else { return }
    let list = scratch.pointee.fields.list(from: arriving.firstField, count: count)
    var kept = PathFieldStore.allocate(
      bytes: max(1, scratch.pointee.fields.byteCount - arriving.firstByte),
      fields: count
    )
    Self.copy(list, to: &kept)
    arriving.kept = kept
  }

  /// Takes it up again at the beginning of the next.
  mutating func takeUpList() {
    guard arriving.stream != 0, let scratch else { return }
    arriving.firstField = 0
    arriving.firstByte = 0
    guard let kept = arriving.kept else { return }
    Self.copy(kept.list(from: 0, count: kept.fieldCount), to: &scratch.pointee.fields)
    freeList()
  }

  /// Frees what was put aside.
  mutating func freeList() {
    arriving.kept?.deallocate()
    arriving.kept = nil
  }

  private static func copy(_ list: PathFieldList, to store: inout PathFieldStore) {
    for index in 0..<list.count {
      let (name, value) = (list.name(index), list.value(index))
      let isCopied = store.append(
        name.baseAddress?.assumingMemoryBound(to: UInt8.self),
        name.count,
        value.baseAddress?.assumingMemoryBound(to: UInt8.self),
        value.count,
        isSensitive: list.isSensitive(index)
      )
      precondition(isCopied, "a list that was within its bounds fits where nothing else is")
    }
  }
}

/// What nghttp2 is to do after a callback.
enum PathNext: BitwiseCopyable {
  case proceed, pause, ignoreList, fail

  var status: CInt {
    switch self {
    case .proceed: 0
    case .pause: NGHTTP2_ERR_PAUSE.rawValue
    case .ignoreList: NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    case .fail: NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
  }
}
