internal import MeshModel
internal import Synchronization

/// Numbers for identities, so that records can be passed by value: workers write one down after a handshake, and the recorder
/// looks it up. Shared by all workers.
final class IdentityBook: Sendable {
  /// Identities written down. They have certificates of our authority, so a mesh has as many as it has service accounts; what
  /// is beyond goes without its name in records.
  static let capacity = 16_384

  private struct Pages {
    var numbers: [SPIFFEID: UInt32] = [:]
    var names: [String] = []
  }

  private let pages = Mutex(Pages())

  /// The number of an identity, from 1; 0 where the book is full.
  func number(of id: SPIFFEID?) -> UInt32 {
    guard let id else { return 0 }
    return pages.withLock { pages in
      if let known = pages.numbers[id] { return known }
      guard pages.names.count < Self.capacity else { return 0 }
      pages.names.append(id.description)
      let number = UInt32(pages.names.count)
      pages.numbers[id] = number
      return number
    }
  }

  /// The identity of a number; nil for 0.
  func name(_ number: UInt32) -> String? {
    pages.withLock { $0.names.indices.contains(Int(number) - 1) ? $0.names[Int(number) - 1] : nil }
  }
}
