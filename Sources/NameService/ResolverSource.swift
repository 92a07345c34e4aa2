internal import DNS

/// Where the host's resolvers are found, looked at when someone asks for other names.
struct ResolverSource {
  private enum Place {
    case file(ResolverFile)
    case fixed(ResolverConfiguration)
    case known
  }

  private var place: Place
  private var due_ms: UInt64 = 0

  init(_ resolvers: NameServerOptions.Resolvers) {
    switch resolvers {
    case .file(let path): place = .file(ResolverFile(path))
    case .fixed(let configuration): place = .fixed(configuration)
    }
  }

  /// A configuration that was not given before, looked for at most every `NameServiceLimit.resolverPoll_ms`.
  mutating func configuration(now_ms: UInt64) -> ResolverConfiguration? {
    switch place {
    case .known: return nil
    case .fixed(let configuration):
      place = .known
      return configuration
    case .file(var file):
      guard now_ms >= due_ms else { return nil }
      due_ms = now_ms + NameServiceLimit.resolverPoll_ms
      let changed = file.readIfChanged()
      place = .file(file)
      return changed
    }
  }
}
