internal import Synchronization

/// A bounded queue from one thread to one other, without locks or allocation; a full ring refuses.
public final class Ring<Element: BitwiseCopyable>: @unchecked Sendable {
  // @unchecked: `slots` is written by the producer only between `head` and the consumer's `tail`, and read by the
  // consumer only below the `head` it acquired; the two atomics order every access.
  private let slots: UnsafeMutablePointer<Element>
  private let mask: UInt32
  private let head = Atomic<UInt32>(0)
  private let tail = Atomic<UInt32>(0)

  /// A ring of `capacity` places, rounded up to a power of two.
  public init(capacity: Int) {
    var size: UInt32 = 1
    while size < capacity { size <<= 1 }
    slots = .allocate(capacity: Int(size))
    mask = size - 1
  }

  deinit { slots.deallocate() }

  /// Producer: appends, or returns false where the consumer is a whole ring behind.
  public func push(_ element: Element) -> Bool {
    let position = head.load(ordering: .relaxed)
    guard position &- tail.load(ordering: .acquiring) <= mask else { return false }
    (slots + Int(position & mask)).initialize(to: element)
    head.store(position &+ 1, ordering: .releasing)
    return true
  }

  /// Consumer: the oldest element, or nil.
  public func pop() -> Element? {
    let position = tail.load(ordering: .relaxed)
    guard position != head.load(ordering: .acquiring) else { return nil }
    let element = slots[Int(position & mask)]
    tail.store(position &+ 1, ordering: .releasing)
    return element
  }

  /// Elements waiting; exact only on the two threads that use the ring.
  public var count: Int { Int(head.load(ordering: .relaxed) &- tail.load(ordering: .relaxed)) }

  /// Whether the consumer has fallen half a ring behind.
  public var isHalfFull: Bool { count > Int(mask / 2) }
}
