public import HTTP1

/// How many proxies of the mesh a request has passed, so that one that goes round in a circle ends.
public enum HopCount {
  /// Proxies that a request may pass: a chain of sixteen services.
  public static let limit: UInt64 = 32

  /// What becomes of a request that has passed as many, as a sentence without its full stop.
  public static var summary: String {
    "x-weft-hops says that it has passed \(limit) proxies or more, so it is taken to go in a circle and answered 508"
  }
}

extension RequestHead {
  /// What `x-weft-hops` says; what is no number of up to three digits counts as too many.
  public var hops: UInt64 {
    guard let index = fields.first(.xWeftHops) else { return 0 }
    let digits = fields.value(at: index)
    guard !digits.isEmpty, digits.count <= 3 else { return HopCount.limit }
    var number: UInt64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return HopCount.limit }
      number = number * 10 + UInt64(digit - UInt8(ascii: "0"))
    }
    return number
  }
}
