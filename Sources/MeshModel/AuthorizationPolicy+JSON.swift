extension AuthorizationPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, selector, action, isDryRun, rules }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      action: try fields.decode(Action.self, forKey: .action),
      isDryRun: try fields.value(.isDryRun, else: false),
      rules: try fields.list(.rules)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    // Never left out: whether a policy allows or denies is not for a default to say.
    try fields.encode(action, forKey: .action)
    try fields.encode(isDryRun, .isDryRun, else: false)
    try fields.encode(list: rules, .rules)
  }
}

extension AuthorizationPolicy.Action: Codable {}

extension AuthorizationPolicy.Rule: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case from, to, when }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(from: try fields.list(.from), to: try fields.list(.to), when: try fields.list(.when))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: from, .from)
    try fields.encode(list: to, .to)
    try fields.encode(list: when, .when)
  }
}

extension AuthorizationPolicy.Source: Codable {
  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: Term.self)
    self.init()
    for (term, list) in Self.texts { self[keyPath: list] = try fields.list(term) }
    for (term, list) in Self.blocks { self[keyPath: list] = try fields.list(term) }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Term.self)
    for (term, list) in Self.texts { try fields.encode(list: self[keyPath: list], term) }
    for (term, list) in Self.blocks { try fields.encode(list: self[keyPath: list], term) }
  }
}

extension AuthorizationPolicy.Operation: Codable {
  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: Term.self)
    self.init()
    for (term, list) in Self.texts { self[keyPath: list] = try fields.list(term) }
    for (term, list) in Self.numbers { self[keyPath: list] = try fields.list(term) }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Term.self)
    for (term, list) in Self.texts { try fields.encode(list: self[keyPath: list], term) }
    for (term, list) in Self.numbers { try fields.encode(list: self[keyPath: list], term) }
  }
}

extension AuthorizationPolicy.Condition: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case key, values, notValues }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(AuthorizationPolicy.Key.self, forKey: .key),
      values: try fields.list(.values),
      notValues: try fields.list(.notValues)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(key, forKey: .key)
    try fields.encode(list: values, .values)
    try fields.encode(list: notValues, .notValues)
  }
}
