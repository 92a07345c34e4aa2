/// A filter is an object with one key that says what it does, in Gateway API's words.
extension HTTPRoute.Filter: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case requestHeaderModifier, responseHeaderModifier, requestRedirect, urlRewrite, requestMirror
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    guard let key = fields.allKeys.first, fields.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "is not a filter: an object with one key")
      )
    }
    switch key {
    case .requestHeaderModifier: self = .requestHeaders(try fields.decode(HTTPRoute.HeaderEdits.self, forKey: key))
    case .responseHeaderModifier: self = .responseHeaders(try fields.decode(HTTPRoute.HeaderEdits.self, forKey: key))
    case .requestRedirect: self = .redirect(try fields.decode(HTTPRoute.Redirect.self, forKey: key))
    case .urlRewrite:
      let rewrite = try fields.decode(Rewrite.self, forKey: key)
      self = .rewrite(hostname: rewrite.hostname, path: rewrite.path)
    case .requestMirror:
      let mirror = try fields.decode(Mirror.self, forKey: key)
      self = .mirror(mirror.backend, partsPerMillion: mirror.partsPerMillion)
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .requestHeaders(let edits): try fields.encode(edits, forKey: .requestHeaderModifier)
    case .responseHeaders(let edits): try fields.encode(edits, forKey: .responseHeaderModifier)
    case .redirect(let redirect): try fields.encode(redirect, forKey: .requestRedirect)
    case .rewrite(let hostname, let path):
      try fields.encode(Rewrite(hostname: hostname, path: path), forKey: .urlRewrite)
    case .mirror(let backend, let parts):
      try fields.encode(Mirror(backend: backend, partsPerMillion: parts), forKey: .requestMirror)
    }
  }

  private struct Rewrite: Codable {
    let hostname: String?
    let path: HTTPRoute.PathEdit?

    enum CodingKeys: String, CodingKey, CaseIterable { case hostname, path }

    init(hostname: String?, path: HTTPRoute.PathEdit?) {
      self.hostname = hostname
      self.path = path
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
      hostname = try fields.decodeIfPresent(String.self, forKey: .hostname)
      path = try fields.decodeIfPresent(HTTPRoute.PathEdit.self, forKey: .path)
    }
  }

  private struct Mirror: Codable {
    let backend: HTTPRoute.Backend
    let partsPerMillion: UInt32

    enum CodingKeys: String, CodingKey, CaseIterable { case backend, partsPerMillion }

    init(backend: HTTPRoute.Backend, partsPerMillion: UInt32) {
      self.backend = backend
      self.partsPerMillion = partsPerMillion
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
      backend = try fields.decode(HTTPRoute.Backend.self, forKey: .backend)
      partsPerMillion = try fields.decode(UInt32.self, forKey: .partsPerMillion)
    }
  }
}

extension HTTPRoute.HeaderEdits: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case set, add, remove }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(set: try fields.list(.set), add: try fields.list(.add), remove: try fields.list(.remove))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: set, .set)
    try fields.encode(list: add, .add)
    try fields.encode(list: remove, .remove)
  }
}

extension HTTPRoute.Header: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, value }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(try fields.decode(String.self, forKey: .name), try fields.decode(String.self, forKey: .value))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(value, forKey: .value)
  }
}

extension HTTPRoute.Redirect: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case scheme, hostname, port, path, status }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      scheme: try fields.decodeIfPresent(String.self, forKey: .scheme),
      hostname: try fields.decodeIfPresent(String.self, forKey: .hostname),
      port: try fields.decodeIfPresent(UInt16.self, forKey: .port),
      path: try fields.decodeIfPresent(HTTPRoute.PathEdit.self, forKey: .path),
      status: try fields.decode(UInt16.self, forKey: .status)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(scheme, forKey: .scheme)
    try fields.encodeIfPresent(hostname, forKey: .hostname)
    try fields.encodeIfPresent(port, forKey: .port)
    try fields.encodeIfPresent(path, forKey: .path)
    try fields.encode(status, forKey: .status)
  }
}

extension HTTPRoute.PathEdit: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case replaceFullPath, replacePrefixMatch }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    switch (
      try fields.decodeIfPresent(String.self, forKey: .replaceFullPath),
      try fields.decodeIfPresent(String.self, forKey: .replacePrefixMatch)
    ) {
    case (let path?, nil): self = .replaceFull(path)
    case (nil, let prefix?): self = .replacePrefix(prefix)
    default: throw fields.wrong(.replaceFullPath, "a path is replaced either whole or by its prefix")
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .replaceFull(let path): try fields.encode(path, forKey: .replaceFullPath)
    case .replacePrefix(let prefix): try fields.encode(prefix, forKey: .replacePrefixMatch)
    }
  }
}
