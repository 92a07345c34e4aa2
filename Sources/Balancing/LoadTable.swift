/// What a balancer asks about the candidates.
///
/// The owner's table of endpoints conforms, so that choosing is specialised for it: no existential, closure or copy.
/// Indices are `0..<count`. A table that only lives for one choice, with the time in it, is fine.
public protocol LoadTable: ~Copyable {
  /// Candidates, available or not.
  var count: Int { get }
  /// Whether new requests may go there now.
  func isAvailable(_ index: Int) -> Bool
  /// Requests sent there and not answered yet.
  func pending(_ index: Int) -> UInt32
  /// What one more request would cost, in any unit; `PeakEWMA.cost` for most.
  func cost(_ index: Int, now_ns: UInt64) -> Double
  /// How large a share it shall have; 0 for none at all. At most `maximumWeight`.
  func weight(_ index: Int) -> UInt32
  /// The largest weight in the table; 1 says that all (but those of weight 0) are equal, which is cheaper.
  var maximumWeight: UInt32 { get }
}

extension LoadTable where Self: ~Copyable {
  /// Equal shares.
  @inlinable
  public func weight(_ index: Int) -> UInt32 { 1 }
  /// Equal shares.
  @inlinable public var maximumWeight: UInt32 { 1 }
}
