internal import MeshModel

// One question for each kind of list; an empty list asks nothing and gets no answer.
extension RequestView {
  /// Any of `texts` that are there must match.
  func text(
    _ field: String,
    _ texts: [[UInt8]?],
    _ values: [TextMatch],
    _ notValues: [TextMatch]
  ) -> [Answer] {
    let texts = texts.compactMap { $0 }
    let told = texts.isEmpty ? "nothing" : texts.map(\.quoted).listed()
    return lists(field, values, notValues, told) { match in texts.contains { match.matches($0) } }
  }

  /// In any case; with the port where the pattern has one.
  func hosts(_ hosts: [TextMatch], _ notHosts: [TextMatch]) -> [Answer] {
    lists("hosts", hosts, notHosts, host.isEmpty ? "nothing" : host.quoted) { match in
      let folded = match.text.map { match.with($0.lowercased()) } ?? match
      return folded.matches(match.namesPort ? hostAndPort : host)
    }
  }

  /// Issuer and subject of the token.
  func principal(_ field: String, _ values: [TextMatch], _ notValues: [TextMatch]) -> [Answer] {
    lists(field, values, notValues, token.map { Array($0.requestPrincipal.utf8).quoted } ?? "no token") { match in
      guard let token, !token.subject.isEmpty else { return false }
      let parts = match.issuerAndSubject
      return parts.issuer.matches(Array(token.issuer.utf8)) && parts.subject.matches(Array(token.subject.utf8))
    }
  }

  /// An address among blocks.
  func address(_ field: String, _ address: IPAddress, _ blocks: [IPPrefix], _ notBlocks: [IPPrefix]) -> [Answer] {
    lists(field, blocks, notBlocks, address.description) { $0.contains(address) }
  }

  /// An address among blocks that documents write as texts.
  func address(
    _ field: String,
    _ address: IPAddress,
    _ values: [TextMatch],
    _ notValues: [TextMatch],
    _ isStrict: Bool
  ) -> [Answer] {
    guard let blocks = (values + notValues).prefixes() else { return [unjudgeable(field, isStrict)] }
    return self.address(field, address, Array(blocks.prefix(values.count)), Array(blocks.dropFirst(values.count)))
  }

  /// The port that was dialled.
  func ports(_ field: String, _ ports: [UInt16], _ notPorts: [UInt16]) -> [Answer] {
    lists(field, ports, notPorts, destination.port.description) { $0 == destination.port }
  }

  /// Every occurrence of a field.
  func header(
    _ field: String,
    _ name: String,
    _ values: [TextMatch],
    _ notValues: [TextMatch],
    _ isStrict: Bool
  ) -> [Answer] {
    let found = fields.filter { $0.name.elementsEqual(name.lowercased().utf8) }
    let told = found.isEmpty ? "nothing" : found.map(\.value.quoted).listed()
    func matches(_ list: [TextMatch], _ value: [UInt8]) -> Bool {
      list.contains { $0 == .present || $0.matches(value) }
    }
    // See CompiledRules+Fields for the table of what is certain and what is possible.
    func isCertain(_ list: [TextMatch]) -> Bool {
      let forwarded = found.filter(\.isForwarded)
      return !forwarded.isEmpty && forwarded.allSatisfy { matches(list, $0.value) }
    }
    func isPossible(_ list: [TextMatch]) -> Bool {
      let joined = [[0x2c], [0x2c, 0x20]].map { Array(found.map(\.value).joined(separator: $0)) }
      return found.contains { matches(list, $0.value) } || (found.count > 1 && joined.contains { matches(list, $0) })
    }
    var answers: [Answer] = []
    if !values.isEmpty {
      let holds = isStrict ? isCertain(values) : isPossible(values)
      answers.append(Answer(holds: holds, reason: clause(field, told, holds, values)))
    }
    if !notValues.isEmpty {
      let isMatching = isStrict ? isPossible(notValues) : isCertain(notValues)
      answers.append(Answer(holds: !isMatching, reason: clause("not \(field)", told, isMatching, notValues)))
    }
    return answers
  }

  /// The two lists of a field: the first must have a match, the second none; an empty one asks nothing.
  private func lists<Entry: CustomStringConvertible>(
    _ field: String,
    _ values: [Entry],
    _ notValues: [Entry],
    _ told: String,
    _ matches: (Entry) -> Bool
  ) -> [Answer] {
    var answers: [Answer] = []
    if !values.isEmpty {
      let holds = values.contains(where: matches)
      answers.append(Answer(holds: holds, reason: clause(field, told, holds, values)))
    }
    if !notValues.isEmpty {
      let isMatching = notValues.contains(where: matches)
      answers.append(Answer(holds: !isMatching, reason: clause("not \(field)", told, isMatching, notValues)))
    }
    return answers
  }

  private func clause(_ field: String, _ told: String, _ isMatching: Bool, _ entries: [some CustomStringConvertible])
    -> String
  {
    "\(field): \(told) \(isMatching ? "matches" : "does not match") \(entries.map(\.description).listed())"
  }
}

extension [UInt8] {
  /// As text in quotes. Who shows it to a person keeps control characters from his terminal.
  fileprivate var quoted: String { "\"\(String(decoding: self, as: UTF8.self))\"" }
}
