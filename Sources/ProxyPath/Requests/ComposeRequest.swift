internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Writes the request that lies in `http.request` as the endpoint is to see it: every byte from the parsed form, with
  /// what the route changes and what the mesh adds.
  func composeRequest(
    _ client: borrowing HTTPClient,
    _ exchange: borrowing Exchange,
    _ plan: RequestPlan,
    into writer: inout HeadWriter
  ) {
    writer.put(http.request[http.request.methodRange])
    writer.put(UInt8(ascii: " "))
    putTarget(plan, into: &writer)
    writer.put(" HTTP/1.1\r\n")
    putHost(client, plan, into: &writer)
    // What the mesh does not know gets nothing of the mesh's: the request is the program's own.
    if plan.isKnown { putTrace(exchange, into: &writer) }
    if client.direction == .inbound { putClient(client, into: &writer) }
    if let table = plan.table, plan.rule >= 0 {
      editRequest(table, plan, into: &writer)
    }
    if exchange.isGRPC { putCall(exchange, into: &writer) }
    http.request.fields.write(into: &writer)
    plan.token?._withUnsafeGuaranteedRef { token in
      token.forwardedFields.withUnsafeBytes { writer.put($0) }
    }
    writer.putFraming(http.request.framing)
    // Of one connection only; by it servers of gRPC know that nobody on the way drops trailers.
    if client.speech == .native || exchange.isGRPC, http.request.acceptsTrailers {
      writer.put("TE: trailers\r\nConnection: TE\r\n")
    }
    if exchange.wantsUpgrade {
      writer.put("Connection: upgrade\r\nUpgrade: ")
      writer.put(http.request[http.request.upgradeRange])
      writer.put("\r\n")
    }
    writer.putEnd()
  }

  /// The origin form, but where no name of the mesh was asked for: the destination may be a proxy that wants to see what
  /// the client wrote.
  private func putTarget(_ plan: RequestPlan, into writer: inout HeadWriter) {
    guard plan.rewritesTarget || (http.request.form == .absolute && plan.isNamed) else {
      return putTarget(from: Int(http.request.targetRange.start), plan.cut, into: &writer)
    }
    if let table = plan.table, plan.rule >= 0, table.rules[plan.rule].path != nil {
      table.rules[plan.rule].path?.write(plan.path, into: &writer)
    } else {
      writer.put(plan.path)
    }
    if http.request.hasQuery { putTarget(from: Int(http.request.query.start) - 1, plan.cut, into: &writer) }
  }

  /// Writes the target from an offset of the head on, without what is cut out of it.
  private func putTarget(from start: Int, _ cut: ByteRange, into writer: inout HeadWriter) {
    let end = http.request.targetRange.end
    guard !cut.isEmpty, Int(cut.start) >= start else {
      return writer.put(UnsafeRawBufferPointer(rebasing: http.request.bytes[start..<end]))
    }
    writer.put(UnsafeRawBufferPointer(rebasing: http.request.bytes[start..<Int(cut.start)]))
    writer.put(UnsafeRawBufferPointer(rebasing: http.request.bytes[cut.end..<end]))
  }

  /// Exactly one Host (RFC 9112 section 3.2): as it came, as the route wants it, as an absolute target says, or of a
  /// client of HTTP/1.0 that named none, the address that was dialled.
  private func putHost(_ client: borrowing HTTPClient, _ plan: RequestPlan, into writer: inout HeadWriter) {
    if let table = plan.table, plan.rule >= 0, let hostname = table.rules[plan.rule].hostname {
      http.request.fields.drop(.host)
      writer.put("Host: ")
      hostname.withUnsafeBytes { writer.put($0) }
      return writer.put("\r\n")
    }
    if http.request.form == .absolute {
      http.request.fields.drop(.host)
      writer.put("Host: ")
      writer.put(http.request[http.request.authority])
      return writer.put("\r\n")
    }
    guard http.request.fields.first(.host) == nil else { return }
    writer.put("Host: ")
    writer.put(client.destination)
    writer.put("\r\n")
  }

  /// Who asks, for the program behind this proxy: the address before it in the chain (the de-facto X-Forwarded-For).
  private func putClient(_ client: borrowing HTTPClient, into writer: inout HeadWriter) {
    writer.put("x-forwarded-for: ")
    if client.isTrusted, http.request.fields.first(.xForwardedFor) != nil {
      var index = http.request.fields.first(.xForwardedFor)
      while let place = index {
        writer.put(http.request.fields.value(at: place))
        writer.put(", ")
        index = http.request.fields.next(.xForwardedFor, from: place + 1)
      }
      http.request.fields.drop(.xForwardedFor)
    }
    writer.put(client.source.ip)
    writer.put("\r\n")
    if http.request.fields.first(.xForwardedProto) == nil || !client.isTrusted {
      writer.put("x-forwarded-proto: http\r\n")
    }
    // All that came under this name was dropped, whoever sent it (`JudgeInbound.swift`).
    if let peer = client.peer {
      writer.put("x-forwarded-client-cert: ")
      peer.certificateField.withUnsafeBytes { writer.put($0) }
      writer.put("\r\n")
    }
  }

  private func editRequest(_ table: RequestTable, _ plan: RequestPlan, into writer: inout HeadWriter) {
    if !table.rules[plan.rule].requestEdits.isEmpty {
      table.rules[plan.rule].requestEdits.drop(from: &http.request.fields)
      table.rules[plan.rule].requestEdits.appended.withUnsafeBytes { writer.put($0) }
    }
    if plan.backendEntry >= 0, !table.backends[plan.backendEntry].requestEdits.isEmpty {
      table.backends[plan.backendEntry].requestEdits.drop(from: &http.request.fields)
      table.backends[plan.backendEntry].requestEdits.appended.withUnsafeBytes { writer.put($0) }
    }
  }
}

extension HeadWriter {
  /// Writes an address as people do: dotted IPv4, or IPv6 as RFC 5952 has it.
  mutating func put(_ ip: IPAddress) {
    IPAddressText(ip).withUnsafeBytes { put($0) }
  }

  /// Writes an address with its port, IPv6 in brackets.
  mutating func put(_ address: SocketAddress) {
    if !address.ip.isIPv4 { put(UInt8(ascii: "[")) }
    put(address.ip)
    if !address.ip.isIPv4 { put(UInt8(ascii: "]")) }
    put(UInt8(ascii: ":"))
    put(decimal: UInt64(address.port))
  }
}
