import Testing

@testable import Replication

@Suite("The store of all owners' sets")
struct StoreTests {
  private func set(_ index: Int, _ sequence: UInt64) -> OwnerSet {
    let head = Head(
      owner: .host(index),
      last: Version(epoch: 1, sequence: sequence),
      past: Past(),
      floor: .zero,
      count: 0,
      digest: .empty,
      signature: []
    )
    return OwnerSet(
      head: head,
      credential: [],
      records: RecordTable([]),
      keyring: SimulatedKeyring(owner: .host(index))
    )
  }

  @Test("has the same sums whatever way it came to be: 5,000 seeded changes")
  func sums() {
    var random = Randomness(seed: 11)
    var store = Store()
    var model: [Int: (OwnerSet, isOffered: Bool)] = [:]
    for step in 0..<5_000 {
      let index = Int(random.next() % 150)
      switch random.next() % 4 {
      case 0:
        store.remove(.host(index))
        model[index] = nil
      case 1:
        let isOffered = random.next() % 2 == 0
        store.offer(.host(index), isOffered)
        model[index]?.isOffered = isOffered
      default:
        let new = (set(index, UInt64(step)), isOffered: random.next() % 4 > 0)
        store.put(new.0, offered: new.isOffered)
        model[index] = new
      }
    }
    var fresh = Store()
    for (set, isOffered) in model.values { fresh.put(set, offered: isOffered) }
    #expect(store.count == model.count && store.buckets == fresh.buckets)
    for (index, (set, _)) in model { #expect(store[.host(index)]?.head == set.head) }
    for bucket in 0..<ReplicationLimits.buckets {
      let expected = model.values.filter { $0.isOffered && $0.0.head.owner.bucket == bucket }.map { $0.0.head.owner }
      #expect(Set(store.offered(in: bucket).map(\.head.owner)) == Set(expected))
    }
  }

  @Test("peers are picked evenly, never twice, and never the excluded")
  func sample() {
    var random = Randomness(seed: 12)
    var members = Members()
    for index in 0..<50 { _ = members.add(.host(index)) }
    _ = members.remove(.host(7))
    var counts: [OwnerID: Int] = [:]
    for _ in 0..<5_000 {
      let picked = members.sample(4, without: [.host(0), .host(1)], by: &random)
      #expect(Set(picked).count == 4)
      for one in picked { counts[one, default: 0] += 1 }
    }
    #expect(counts[.host(0)] == nil && counts[.host(1)] == nil && counts[.host(7)] == nil)
    #expect(counts.count == 47 && counts.values.allSatisfy { $0 > 300 && $0 < 560 })
  }
}
