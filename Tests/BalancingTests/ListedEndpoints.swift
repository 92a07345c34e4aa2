import Balancing

/// A table of endpoints written down by a test.
struct ListedEndpoints: LoadTable {
  /// One line of it.
  struct Endpoint {
    var isAvailable = true
    var pending: UInt32 = 0
    var cost: Double = 1
    var weight: UInt32 = 1
  }

  var endpoints: [Endpoint]
  let maximumWeight: UInt32

  init(_ endpoints: [Endpoint]) {
    self.endpoints = endpoints
    maximumWeight = endpoints.map(\.weight).max() ?? 1
  }

  init(weights: [UInt32]) { self.init(weights.map { Endpoint(weight: $0) }) }

  /// Any mixture: about `outOfTen` of ten are out, and weights are equal or not.
  init(count: Int, outOfTen: UInt32, _ random: inout FastRandom) {
    let heaviest = [1, 1, 3, 100, UInt32.max][Int(random.below(5))]
    var endpoints: [Endpoint] = []
    for _ in 0..<count {
      endpoints.append(
        Endpoint(
          isAvailable: random.below(10) >= outOfTen,
          pending: random.below(4),
          cost: Double(random.below(1_000)),
          weight: random.below(5) == 0 ? 0 : heaviest == 1 ? 1 : 1 + random.below(heaviest)
        )
      )
    }
    self.init(endpoints)
  }

  var count: Int { endpoints.count }
  func isAvailable(_ index: Int) -> Bool { endpoints[index].isAvailable }
  func pending(_ index: Int) -> UInt32 { endpoints[index].pending }
  func cost(_ index: Int, now_ns: UInt64) -> Double { endpoints[index].cost }
  func weight(_ index: Int) -> UInt32 { endpoints[index].weight }

  /// Those that a choice may fall on.
  var usable: [Int] { endpoints.indices.filter { endpoints[$0].isAvailable && endpoints[$0].weight > 0 } }
}
