internal import MeshModel

extension DocumentSet {
  /// Holds a change against the set: `new` comes last, so it is what is wrong where two contradict each other. Only what is
  /// tied to it is looked at, unless it meets a bound on all documents together.
  func judged(_ new: [ReadDocument], without keys: Set<DocumentKey>) -> Findings {
    if hasRoom(for: new, without: keys) {
      let near = neighbourhood(of: new, without: keys)
      let findings = Findings(.change(of: keys))
      _ = Assembly(near.inOrder + new, findings, beside: surroundings(near, without: keys))
      if !findings.areAtBounds { return findings }
    }
    let findings = Findings(.change(of: keys))
    _ = Assembly(rest(without: keys) + new, findings)
    return findings
  }

  /// Puts `new`, which may be wrong, in place of the documents of `keys`, and says what is in force otherwise for that.
  mutating func settle(_ new: [MeshDocument], inPlaceOf keys: Set<DocumentKey>) -> DocumentEffects {
    let read = new.compactMap(\.read)
    if hasRoom(for: read, without: keys), let effects = settleNear(new, read, inPlaceOf: keys) { return effects }
    let all = (rest(without: keys) + read).sorted { $0.key < $1.key }
    let findings = Findings(.mesh(texts: []))
    let assembly = Assembly(all, findings)
    return take(new, inPlaceOf: keys, Outcome(assembly, findings, judged: all, names: Set(state.services.keys)))
  }

  /// The issues of these documents.
  func texts(of keys: Set<DocumentKey>) -> [DocumentKey: [DocumentIssue]] {
    let findings = Findings(.mesh(texts: keys))
    if state.areAtBounds {
      _ = Assembly(rest(without: []), findings)
    } else {
      let seeds = keys.compactMap { entries[$0]?.read }
      let near = Neighbourhood(of: seeds, changing: keys, ties)
      _ = Assembly(
        (near.inOrder + seeds).sorted { $0.key < $1.key },
        findings,
        beside: surroundings(near, without: keys)
      )
    }
    return findings.texts
  }

  /// As `settle`, where no bound on all documents is met; nil where one is.
  private mutating func settleNear(
    _ new: [MeshDocument],
    _ read: [ReadDocument],
    inPlaceOf keys: Set<DocumentKey>
  ) -> DocumentEffects? {
    let near = neighbourhood(of: read, without: keys)
    let judged = (near.inOrder + read).sorted { $0.key < $1.key }
    let findings = Findings(.mesh(texts: []))
    let assembly = Assembly(judged, findings, beside: surroundings(near, without: keys))
    guard !findings.areAtBounds else { return nil }
    return take(new, inPlaceOf: keys, Outcome(assembly, findings, judged: judged, names: near.services))
  }

  /// What was judged, and what came of it.
  private struct Outcome {
    let services: [String: Assembly.Merged]
    let findings: Findings
    let judged: [ReadDocument]
    /// The services that were looked at.
    let names: Set<String>

    init(_ assembly: Assembly, _ findings: Findings, judged: [ReadDocument], names: Set<String>) {
      services = Dictionary(assembly.services.map { ($0.service.fullName, $0) }) { first, _ in first }
      self.findings = findings
      self.judged = judged
      self.names = names.union(services.keys)
    }
  }

  private mutating func take(
    _ new: [MeshDocument],
    inPlaceOf keys: Set<DocumentKey>,
    _ outcome: Outcome
  ) -> DocumentEffects {
    let known = outcome.judged.map(\.key).filter { !keys.contains($0) }
    let old = keys.compactMap { entries[$0]?.read } + known.compactMap { entries[$0]?.read }
    let before = ConfigurationChange(old, without: state.refused)
    let after = ConfigurationChange(outcome.judged, without: outcome.findings.refused)
    var effects = DocumentEffects(configuration: ConfigurationChange(from: before, to: after))
    exchange(keys, for: new) { state in
      for key in keys { state.refused.remove(key) }
      for key in known {
        state.refused.remove(key)
        state.issues[key] = nil
      }
      state.refused.formUnion(outcome.findings.refused)
      state.issues.merge(outcome.findings.counts) { _, new in new }
      state.areAtBounds = outcome.findings.areAtBounds
      for name in outcome.names {
        let (old, new) = (state.services[name], outcome.services[name])
        state.services[name] = new
        state.endpoints += (new?.given ?? 0) - (old?.given ?? 0)
        guard old?.service != new?.service, let service = new?.service ?? old?.service else { continue }
        effects.services.insert(ServiceName(namespace: service.namespace, name: service.name))
      }
    }
    return effects
  }

  /// Whether no kind has more documents than a mesh may have, before and after a change.
  private func hasRoom(for new: [ReadDocument], without keys: Set<DocumentKey>) -> Bool {
    guard !state.areAtBounds else { return false }
    var counts = counts
    for document in new { counts[document.kind, default: 0] += 1 }
    for key in keys { if let read = entries[key]?.read { counts[read.kind, default: 0] -= 1 } }
    return counts.allSatisfy { kind, count in count <= kind.limit }
  }

  private func neighbourhood(of new: [ReadDocument], without keys: Set<DocumentKey>) -> Neighbourhood {
    Neighbourhood(of: new + keys.compactMap { entries[$0]?.read }, changing: keys, ties)
  }

  /// What is known of all documents but the changed ones and their neighbours.
  private func surroundings(_ near: Neighbourhood, without keys: Set<DocumentKey>) -> Assembly.Surroundings {
    Assembly.Surroundings(
      endpoints: near.services.reduce(state.endpoints) { $0 - (state.services[$1]?.given ?? 0) },
      service: { key in
        guard key.kind == DocumentKind.service.rawValue, !near.services.contains(key.fullName) else { return nil }
        return state.services[key.fullName]?.service
      },
      hasRoute: { key in
        let isRoute = [DocumentKind.httpRoute.rawValue, DocumentKind.grpcRoute.rawValue].contains(key.kind)
        guard isRoute, !keys.contains(key) else { return false }
        return entries[key]?.read != nil
      },
      hasHost: { key in
        state.services.contains { name, merged in
          !near.services.contains(name) && merged.service.namespace == key.namespace
            && merged.service.hostPatterns.contains(key.name)
        }
      }
    )
  }

  private func rest(without keys: Set<DocumentKey>) -> [ReadDocument] {
    entries.values.filter { !keys.contains($0.key) }.compactMap(\.read).sorted { $0.key < $1.key }
  }
}
