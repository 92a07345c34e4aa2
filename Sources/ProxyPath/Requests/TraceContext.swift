internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy

extension Worker {
  /// Finds the trace that a request belongs to, or with `begins` begins one, and decides whether it is sampled.
  ///
  /// W3C Trace Context's `traceparent` first, else Zipkin's B3 in either form; of a sender who is not believed they were
  /// dropped before.
  func followTrace(_ event: inout RequestEvent, begins: Bool) {
    if let found = http.request.traceparent ?? http.request.b3 {
      (event.traceHigh, event.traceLow, event.parentSpan) = (found.high, found.low, found.span)
      event.isSampled = found.isSampled ?? drawSampled()
    } else if begins {
      event.traceHigh = http.random.identifier()
      event.traceLow = http.random.identifier()
      event.isSampled = drawSampled()
    } else {
      return
    }
    event.span = http.random.identifier()
  }

  private func drawSampled() -> Bool {
    let parts =
      http.shelf.inForce.flatMap { $0._withUnsafeGuaranteedRef { $0.table.telemetry.sampledPartsPerMillion } }
      ?? SuccessRecords.sampledByDefault
    return http.random.chance(partsPerMillion: parts)
  }

  /// Writes the trace's fields, and a request id where there is none.
  func putTrace(_ exchange: borrowing Exchange, into writer: inout HeadWriter) {
    if http.request.fields.first(.xRequestID).map({ http.request.fields[$0].isKept }) != true {
      writer.put("x-request-id: ")
      // A random UUID (RFC 9562 version 4).
      let (high, low) = (http.random.next(), http.random.next())
      writer.put(hexadecimal: high >> 32, digits: 8)
      writer.put(UInt8(ascii: "-"))
      writer.put(hexadecimal: high >> 16, digits: 4)
      writer.put(UInt8(ascii: "-"))
      writer.put(hexadecimal: 0x4000 | high & 0xfff, digits: 4)
      writer.put(UInt8(ascii: "-"))
      writer.put(hexadecimal: 0x8000 | low >> 48 & 0x3fff, digits: 4)
      writer.put(UInt8(ascii: "-"))
      writer.put(hexadecimal: low, digits: 12)
      writer.put("\r\n")
    }
    writer.put("traceparent: 00-")
    writer.put(hexadecimal: exchange.event.traceHigh, digits: 16)
    writer.put(hexadecimal: exchange.event.traceLow, digits: 16)
    writer.put(UInt8(ascii: "-"))
    writer.put(hexadecimal: exchange.event.span, digits: 16)
    writer.put(exchange.event.isSampled ? "-01\r\n" : "-00\r\n")
    http.request.fields.drop(.traceparent)
    if http.request.fields.first(.b3) != nil || http.request.fields.first(.xB3TraceID) != nil {
      putB3(exchange.event, into: &writer)
    }
    putHops(into: &writer)
  }

  /// A program that was sent B3 may know nothing else: it is told in the form that came.
  private func putB3(_ event: RequestEvent, into writer: inout HeadWriter) {
    let isSingle = http.request.fields.first(.b3).map { http.request.fields[$0].isKept } ?? false
    let isMany = http.request.fields.first(.xB3TraceID).map { http.request.fields[$0].isKept } ?? false
    http.request.fields.drop(FieldNameSet.b3)
    if isSingle {
      writer.put("b3: ")
      writer.put(hexadecimal: event.traceHigh, digits: 16)
      writer.put(hexadecimal: event.traceLow, digits: 16)
      writer.put(UInt8(ascii: "-"))
      writer.put(hexadecimal: event.span, digits: 16)
      writer.put(event.isSampled ? "-1\r\n" : "-0\r\n")
    }
    if isMany {
      writer.put("x-b3-traceid: ")
      writer.put(hexadecimal: event.traceHigh, digits: 16)
      writer.put(hexadecimal: event.traceLow, digits: 16)
      writer.put("\r\nx-b3-spanid: ")
      writer.put(hexadecimal: event.span, digits: 16)
      if event.parentSpan != 0 {
        writer.put("\r\nx-b3-parentspanid: ")
        writer.put(hexadecimal: event.parentSpan, digits: 16)
      }
      writer.put(event.isSampled ? "\r\nx-b3-sampled: 1\r\n" : "\r\nx-b3-sampled: 0\r\n")
    }
  }

  /// Counts the proxies on the way, so that a request that goes round in a circle ends.
  private func putHops(into writer: inout HeadWriter) {
    writer.put("x-weft-hops: ")
    writer.put(decimal: http.request.hops + 1)
    writer.put("\r\n")
    http.request.fields.drop(.xWeftHops)
  }
}

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

/// Reads lower-case hexadecimal digits.
enum Hexadecimal {
  /// `count` digits, at most sixteen, at `start`; nil where there are not as many.
  @inline(__always)
  static func read(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64? {
    guard start >= 0, start + count <= text.count else { return nil }
    var number: UInt64 = 0
    for index in start..<start + count {
      let byte = text[index]
      let digit: UInt8
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        digit = byte - UInt8(ascii: "0")
      } else if byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "f") {
        digit = byte - UInt8(ascii: "a") + 10
      } else {
        return nil
      }
      number = number << 4 | UInt64(digit)
    }
    return number
  }
}
