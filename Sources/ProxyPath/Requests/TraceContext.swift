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
