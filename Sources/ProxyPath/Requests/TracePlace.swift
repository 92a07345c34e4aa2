internal import HTTP1

/// A place in a trace, as headers tell it.
struct TracePlace: BitwiseCopyable {
  var high: UInt64
  var low: UInt64
  var span: UInt64
  /// Nil where the decision is left to us.
  var isSampled: Bool?
}

private var dash: UInt8 { UInt8(ascii: "-") }
/// What B3 says for a trace that is sampled, and for one that is looked into.
private var one: UInt8 { UInt8(ascii: "1") }
private var debug: UInt8 { UInt8(ascii: "d") }

extension RequestHead {
  /// W3C Trace Context level 1, section 3.2: `00-<32 hex>-<16 hex>-<2 hex>`, lower case, no part all zero. Later versions
  /// may append more. One field only.
  var traceparent: TracePlace? {
    guard let index = fields.first(.traceparent), fields[index].isKept, !fields.hasSeveral(.traceparent) else {
      return nil
    }
    let text = fields.value(at: index)
    // The places: 0 version, 3 trace, 36 span, 53 flags, each behind a dash; 55 bytes in all.
    guard text.count >= 55, text[2] == dash, text[35] == dash, text[52] == dash,
      let version = Hexadecimal.read(text, 0, 2), version != 0xff,
      text.count == 55 || (version > 0 && text[55] == dash),
      let high = Hexadecimal.read(text, 3, 16), let low = Hexadecimal.read(text, 19, 16), high | low != 0,
      let span = Hexadecimal.read(text, 36, 16), span != 0, let flags = Hexadecimal.read(text, 53, 2)
    else { return nil }
    return TracePlace(high: high, low: low, span: span, isSampled: flags & 1 == 1)
  }

  /// B3 (openzipkin/b3-propagation): the single field, or the several ones.
  var b3: TracePlace? {
    if let index = fields.first(.b3), fields[index].isKept { return singleB3(fields.value(at: index)) }
    guard let trace = fields.first(.xB3TraceID), fields[trace].isKept, let span = fields.first(.xB3SpanID),
      let (high, low) = Self.traceID(fields.value(at: trace)),
      let number = Hexadecimal.read(fields.value(at: span), 0, 16), number != 0
    else { return nil }
    var isSampled: Bool?
    if let index = fields.first(.xB3Sampled), let first = fields.value(at: index).first { isSampled = first == one }
    if let index = fields.first(.xB3Flags), fields.value(at: index).first == one { isSampled = true }
    return TracePlace(high: high, low: low, span: number, isSampled: isSampled)
  }

  private func singleB3(_ text: UnsafeRawBufferPointer) -> TracePlace? {
    guard let end = text.firstIndex(of: dash),
      let (high, low) = Self.traceID(UnsafeRawBufferPointer(rebasing: text[..<end])),
      let span = Hexadecimal.read(text, end + 1, 16), span != 0
    else { return nil }
    let behind = end + 17
    guard text.count > behind + 1, text[behind] == dash else {
      return text.count == behind ? TracePlace(high: high, low: low, span: span, isSampled: nil) : nil
    }
    let flag = text[behind + 1]
    return TracePlace(high: high, low: low, span: span, isSampled: flag == one || flag == debug)
  }

  /// 128 or 64 bits of lower-case hexadecimal.
  private static func traceID(_ text: UnsafeRawBufferPointer) -> (UInt64, UInt64)? {
    switch text.count {
    case 32:
      guard let high = Hexadecimal.read(text, 0, 16), let low = Hexadecimal.read(text, 16, 16), high | low != 0 else {
        return nil
      }
      return (high, low)
    case 16: return Hexadecimal.read(text, 0, 16).flatMap { $0 == 0 ? nil : (0, $0) }
    default: return nil
    }
  }
}
