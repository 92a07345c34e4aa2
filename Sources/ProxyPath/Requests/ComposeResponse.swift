internal import HTTP1
internal import MeshModel
internal import Policy

extension Worker {
  /// Writes the final head that lies in `http.response` as the client is to see it, and notes how its body travels.
  func composeResponse(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ framing: ResponseFraming,
    into writer: inout HeadWriter
  ) {
    putStatusLine(into: &writer)
    editResponse(exchange, into: &writer)
    http.response.fields.write(into: &writer)
    switch framing {
    case .chunked, .untilClose:
      if exchange.pointee.clientTakesChunks {
        exchange.pointee.responseFraming = .chunked
        writer.putFraming(ResponseFraming.chunked)
      } else {
        exchange.pointee.responseFraming = .untilClose
        client.pointee.endsAfterAnswer = true
      }
    case .none, .length, .tunnel:
      exchange.pointee.responseFraming = framing
      http.response.writeFraming(answering: exchange.pointee.event.method, into: &writer)
    }
    // What the client still sends of a request that was answered early could be taken for another one.
    if !exchange.pointee.isRequestDone, exchange.pointee.isRequestCut { client.pointee.endsAfterAnswer = true }
    putPersistence(client, exchange, into: &writer)
    writer.putEnd()
  }

  /// Writes an interim head (RFC 9110 section 15.2); its fields go on with it.
  func composeInterim(into writer: inout HeadWriter) {
    putStatusLine(into: &writer)
    http.response.fields.write(into: &writer)
    writer.putEnd()
  }

  /// The status line of the answer that lies parsed in `http.response`.
  func putStatusLine(into writer: inout HeadWriter) {
    writer.put("HTTP/1.1 ")
    writer.put(decimal: UInt64(http.response.status))
    writer.put(UInt8(ascii: " "))
    writer.put(http.response[http.response.reason])
    writer.put("\r\n")
  }

  private func editResponse(_ exchange: UnsafeMutablePointer<Exchange>, into writer: inout HeadWriter) {
    let index = Int(exchange.pointee.event.rule)
    guard index >= 0, let rules = http.shelf.rules(exchange.pointee.rules) else { return }
    if !rules.table.rules[index].responseEdits.isEmpty {
      rules.table.rules[index].responseEdits.drop(from: &http.response.fields)
      rules.table.rules[index].responseEdits.appended.withUnsafeBytes { writer.put($0) }
    }
    let entry = Int(exchange.pointee.backendEntry)
    if entry >= 0, !rules.table.backends[entry].responseEdits.isEmpty {
      rules.table.backends[entry].responseEdits.drop(from: &http.response.fields)
      rules.table.backends[entry].responseEdits.appended.withUnsafeBytes { writer.put($0) }
    }
  }
}
