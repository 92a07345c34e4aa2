// Addresses, and what else has a text of its own, are text in every JSON document of ours: the form users write and
// journal entries show.

extension Decodable where Self: LosslessStringConvertible {
  /// Decodes the text form; `what` says in errors what was expected.
  fileprivate init(text decoder: any Decoder, what: String) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not \(what)")
    }
    self = value
  }
}

extension Encodable where Self: LosslessStringConvertible {
  fileprivate func encode(text encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension IPAddress: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "an IP address such as 192.0.2.1 or 2001:db8::1")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension IPPrefix: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "a CIDR block such as 10.0.0.0/8 or 2001:db8::/32")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension SocketAddress: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "an address and port such as 192.0.2.1:80 or [2001:db8::1]:80")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension Endpoint: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "an endpoint such as 192.0.2.1:80 or [2001:db8::1]:80 zone=a unready")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension NamedEndpoint: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "an endpoint such as api.example.com:443 zone=a one")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension TextMatch: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws { try self.init(text: decoder, what: "a text to compare with") }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}

extension AuthorizationPolicy.Key: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    try self.init(text: decoder, what: "a condition's key such as source.ip or request.headers[x-user]")
  }
  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws { try encode(text: encoder) }
}
