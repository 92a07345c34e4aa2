internal import FoundationEssentials

/// What a response brings, to be taken whole or refused whole: of the names that are wanted, and no others.
public struct Offer: Sendable {
  /// What all of it is.
  public let type: ResourceType
  /// Names of what is not there.
  public let removed: [String]
  let nonce: String
  /// The stream that it came by: an answer on a later one would mean another response.
  let stream: UInt64
  let items: [Item]

  /// A resource.
  struct Item: Sendable {
    let name: String
    let version: String
    let body: Data
  }

  /// How many resources there are.
  public var count: Int { items.count }
}
