extension Message {
  /// Bytes of `encoded()`, without encoding.
  public var encodedCount: Int {
    2
      + {
        switch self {
        case .summary(let summary): summary.buckets.count * 8
        case .digest(let page): page.entries.reduce(1 + 8 + 2) { $0 + $1.encodedCount }
        case .pull(let pull): pull.wants.reduce(4 + 1) { $0 + $1.encodedCount }
        case .records(let records): records.sections.reduce(4 + 2 + 2) { $0 + $1.encodedCount }
        case .announcement(let announcement): 1 + announcement.section.encodedCount
        }
      }()
  }
}

extension DigestPage.Entry {
  var encodedCount: Int { owner.encodedCount + 16 + 16 + 1 }
}

extension Pull.Want {
  fileprivate var encodedCount: Int { owner.encodedCount + 16 + 1 }
}

extension Section {
  /// Bytes of a section without its records, its credential too.
  var frameCount: Int {
    let head = head.owner.encodedCount + 2 * 16 + 1 + head.past.ends.count * 16 + 4 + 16 + 2 + head.signature.count
    return head + 2 + credential.count + 1 + 16 + 1 + 2
  }

  var encodedCount: Int { records.reduce(frameCount) { $0 + $1.encodedCount } }
}

extension Record {
  /// Bytes that the record takes in a message.
  var encodedCount: Int {
    let marks = replaces.reduce(0) { $0 + $1.owner.encodedCount + 12 }
    let texts = 6 + key.kind.rawValue.utf8.count + key.namespace.utf8.count + key.name.utf8.count
    return texts + 16 + 12 + 1 + 1 + marks + 1 + (content.map { 4 + $0.count } ?? 0) + 2 + signature.count
  }
}

extension OwnerID {
  fileprivate var encodedCount: Int { 2 + name.utf8.count + KeyFingerprint.byteCount }
}
