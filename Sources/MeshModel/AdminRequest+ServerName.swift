/// `GET /v1/explain-server-name` with the name asked about, as a request target.
extension AdminRequest {
  static func serverNameTarget(_ question: ServerNameQuestion) -> String {
    let to = question.destination.map { "&to=\($0)" } ?? ""
    return "/v1/explain-server-name?name=\(PercentEncoding.encode(question.name))&port=\(question.port)\(to)"
  }

  /// Reads the query; without a port it is that of `to`, or else of TLS.
  static func explainServerName(_ query: [String: String]) throws(AdminError) -> AdminRequest {
    if let other = query.keys.sorted().first(where: { !["name", "port", "to"].contains($0) }) {
      throw AdminError("there is no \(other); there are name, port and to")
    }
    guard let name = PercentEncoding.decode(query["name"] ?? "") else {
      throw AdminError("name is not percent-encoded UTF-8")
    }
    let to = try query["to"].map { text throws(AdminError) in
      guard let address = SocketAddress(text), address.port > 0 else {
        throw AdminError("to must be an address and port such as 192.0.2.1:443 or [2001:db8::1]:443")
      }
      return address
    }
    let port = try query["port"].map { text throws(AdminError) in
      guard let port = UInt16(text) else { throw AdminError("port \"\(text)\" is not from 1 to 65535") }
      return port
    }
    do throws(ServerNameQuestionError) {
      return .explainServerName(try ServerNameQuestion(name, port: port, to: to))
    } catch {
      throw AdminError(error.description)
    }
  }
}
