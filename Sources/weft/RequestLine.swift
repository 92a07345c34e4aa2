import ArgumentParser
import MeshModel

/// A method and a URL, such as `GET http://web/cart?item=7`; without a method it is GET.
struct RequestLine: ExpressibleByArgument {
  let method: String
  let url: String

  init?(argument: String) {
    let words = argument.split(separator: " ")
    guard let url = words.last, words.count <= 2 else { return nil }
    method = words.count == 2 ? String(words[0]) : "GET"
    self.url = String(url)
  }

  /// The request with these header fields, each `name: value`; the error says what is wrong with which.
  func request(headers: [String], to destination: SocketAddress?) throws(ValidationError) -> ImaginedRequest {
    var fields: [ImaginedRequest.Header] = []
    for line in headers {
      guard let field = ImaginedRequest.Header(line: line) else {
        throw ValidationError("--header \"\(line)\" is not \"NAME: VALUE\"")
      }
      fields.append(field)
    }
    do {
      return try ImaginedRequest(method: method, url: url, headers: fields, destination: destination)
    } catch {
      throw ValidationError("--request: \(error.description)")
    }
  }
}
