/// `GET /v1/explain-request` with the request asked about, as a request target.
extension AdminRequest {
  /// Bytes of a target that a proxy reads: room for a token of some kilobytes, escaped.
  public static let maxTargetBytes = 15 << 10
  /// Header fields of the request asked about: as many as a proxy takes of one that comes.
  static let maxQuestionHeaders = 100

  static func questionTarget(_ question: RequestQuestion) -> String {
    var pairs = [("direction", question.direction.rawValue)]
    if let source = question.source { pairs.append(("from", source.description)) }
    if let identity = question.identity { pairs.append(("as", identity.description)) }
    if let destination = question.request.destination { pairs.append(("to", destination.description)) }
    pairs += [("method", question.request.method), ("url", question.request.url)]
    pairs += question.request.headers.map { ("header", "\($0.name): \($0.value)") }
    return "/v1/explain-request?" + pairs.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
  }

  /// Reads the query; `header` may be there many times, all else once.
  static func question(_ query: Substring) throws(AdminError) -> AdminRequest {
    var values: [String: String] = [:]
    var headers: [ImaginedRequest.Header] = []
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let text = PercentEncoding.decode(String(parts[1])) else {
        throw AdminError("\"\(pair)\" is not a name, = and a value in percent-encoded UTF-8")
      }
      switch parts[0] {
      case "header":
        guard let header = ImaginedRequest.Header(line: text), headers.count < maxQuestionHeaders else {
          throw AdminError("header \"\(text)\" is not NAME: VALUE, or there are more than \(maxQuestionHeaders)")
        }
        headers.append(header)
      case "direction", "from", "as", "to", "method", "url":
        guard values.updateValue(text, forKey: String(parts[0])) == nil else {
          throw AdminError("\(parts[0]) is given twice")
        }
      default: throw AdminError("there is no \(parts[0]); there are direction, from, as, to, method, url and header")
      }
    }
    return .explainRequest(try question(values, headers))
  }

  private static func question(
    _ values: [String: String],
    _ headers: [ImaginedRequest.Header]
  ) throws(AdminError) -> RequestQuestion {
    guard let direction = Direction(rawValue: values["direction"] ?? "") else {
      throw AdminError("direction must be inbound or outbound")
    }
    let to = try values["to"].map { text throws(AdminError) in
      guard let address = SocketAddress(text), address.port > 0 else {
        throw AdminError("to must be an address and port such as 192.0.2.1:80 or [2001:db8::1]:80")
      }
      return address
    }
    let from = try values["from"].map { text throws(AdminError) in
      guard let address = IPAddress(text) else {
        throw AdminError("from must be an address such as 192.0.2.1 or 2001:db8::1")
      }
      return address
    }
    let identity = try values["as"].map { text throws(AdminError) in
      do throws(SPIFFEIDError) {
        return try SPIFFEID(text)
      } catch {
        throw AdminError("as is no identity: \(error)")
      }
    }
    do {
      let request = try ImaginedRequest(
        method: values["method"] ?? "GET",
        url: values["url"] ?? "",
        headers: headers,
        destination: to
      )
      let question = RequestQuestion(direction, request, source: from, identity: identity)
      if let problem = question.problem { throw AdminError(problem) }
      return question
    } catch let error as ImaginedRequestError {
      throw AdminError(error.description)
    } catch let error as AdminError {
      throw error
    } catch {
      throw AdminError("\(error)")
    }
  }
}
