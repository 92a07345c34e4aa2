/// A bounded number of places that pods share: a pod that floods keeps no other from having some.
///
/// Nobody has more than `most`, nor more than are left: with `n` who want all of them, each has an `n + 1`-th and so much stays
/// free for the next (dynamic thresholds, Choudhury and Hahne, 1998). What one has already is not taken from it.
public struct FairShares: Sendable {
  /// All of them.
  public let places: Int
  /// What one may have while the others want little.
  public let most: Int
  /// Those that are taken.
  public private(set) var taken = 0
  private var held: [NamesPod: Int] = [:]

  /// Free places.
  public init(places: Int, most: Int) {
    self.places = places
    self.most = most
  }

  /// How many `pod` has.
  public func count(of pod: NamesPod) -> Int { held[pod, default: 0] }

  /// Whether `pod` may have one more.
  public func hasRoom(for pod: NamesPod) -> Bool { count(of: pod) < min(most, places - taken) }

  /// Gives `pod` a place.
  public mutating func take(_ pod: NamesPod) {
    held[pod, default: 0] += 1
    taken += 1
  }

  /// Takes one back that it has.
  public mutating func giveBack(_ pod: NamesPod) {
    guard let count = held[pod] else { return }
    held[pod] = count > 1 ? count - 1 : nil
    taken -= 1
  }
}

/// Whose programs ask: those of one pod, or of the name server's own host.
public struct NamesPod: Hashable, Sendable {
  private let number: UInt64

  /// The host's own, which ask where the name server itself listens.
  public static let host = NamesPod(0)

  /// A pod; numbers other than 0.
  public init(_ number: UInt64) { self.number = number }
}
