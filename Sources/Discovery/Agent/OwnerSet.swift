internal import MeshModel

/// A few services by their numbers, ascending; nearly always one, which then costs no array.
enum OwnerSet: Hashable, Sendable {
  case one(UInt32)
  case several([UInt32])

  mutating func insert(_ owner: UInt32) {
    var all = owners
    let place = all.firstIndex { $0 >= owner } ?? all.endIndex
    guard place == all.endIndex || all[place] != owner else { return }
    all.insert(owner, at: place)
    self = .several(all)
  }

  /// The set without `owner`; nil where nobody is left.
  func removing(_ owner: UInt32) -> OwnerSet? {
    let rest = owners.filter { $0 != owner }
    guard let first = rest.first else { return nil }
    return rest.count == 1 ? .one(first) : .several(rest)
  }

  var owners: [UInt32] {
    switch self {
    case .one(let owner): [owner]
    case .several(let owners): owners
    }
  }
}

extension [IPAddress: OwnerSet] {
  mutating func add(_ owner: UInt32, at address: IPAddress) {
    if self[address]?.insert(owner) == nil { self[address] = .one(owner) }
  }

  mutating func remove(_ owner: UInt32, at address: IPAddress) {
    self[address] = self[address]?.removing(owner)
  }
}
