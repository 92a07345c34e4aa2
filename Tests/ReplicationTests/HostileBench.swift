import Testing

@testable import Replication

/// Three who know each other: one that writes, one that is told, and one that lies.
enum HostileBench {
  static let honest = OwnerID.host(0)
  static let victim = OwnerID.host(1)
  static let hostile = OwnerID.host(2)

  /// What the honest one wrote is announced, and not yet delivered.
  static func make() throws -> (Bench, Announcement) {
    var bench = Bench(honest, victim, hostile)
    let directives = try bench.write(0, .endpoint(1, 1), .document(1, "allow"))
    return (bench, try #require(directives.announcement))
  }
}

/// What was asked is not answered.
struct NoAnswer: Error {}

extension Replica {
  /// A digest of all that is held.
  var entries: [DigestPage.Entry] { store.sets.map { DigestPage.Entry($0) } }

  /// All of this owner's own records.
  var section: Section? {
    store[owner].map {
      Section(
        head: $0.head,
        credential: credential,
        whole: true,
        after: .zero,
        more: false,
        records: $0.entries.map(\.record)
      )
    }
  }
}

extension Record {
  /// The same with other content, which nobody signed.
  func with(content: [UInt8]?) -> Record {
    Record(
      key: key,
      version: version,
      stamp: stamp,
      lifetime: lifetime,
      replaces: replaces,
      content: content,
      signature: signature
    )
  }
}

extension [Directive] {
  /// The requests among what is sent.
  var pulls: [(pull: Message, peer: OwnerID)] {
    sent.compactMap { message, peer in if case .pull = message { (message, peer) } else { nil } }
  }
}
