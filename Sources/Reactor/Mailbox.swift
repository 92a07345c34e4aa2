public import Kernel
internal import Synchronization

/// Hands values from any thread to one loop without a lock: senders push on a list, the loop takes the whole list.
///
/// Mail is rare (a new policy, a question from the admin socket), so each letter may allocate.
public final class Mailbox<Letter: Sendable>: @unchecked Sendable {
  // @unchecked: a raw pointer is not Sendable, but this one is a list of retained nodes that changes hands whole.
  private final class Node {
    let letter: Letter
    var next: UnsafeMutableRawPointer?
    init(_ letter: Letter) { self.letter = letter }
  }

  private let head = Atomic<UnsafeMutableRawPointer?>(nil)
  private let signal: EventSignal

  /// An empty box. Throws where descriptors lack.
  public init() throws(SystemError) { signal = try EventSignal() }

  deinit { _ = takeAll() }

  /// Watched by the receiving loop: readable when there is mail.
  public func watch(by loop: borrowing Epoll, token: Token) {
    loop.add(signal.descriptor, .readable, token: token.rawValue)
  }

  /// Leaves a letter and wakes the loop. Never blocks.
  public func send(_ letter: Letter) {
    let node = Node(letter)
    let pointer = Unmanaged.passRetained(node).toOpaque()
    var seen = head.load(ordering: .relaxed)
    while true {
      node.next = seen
      let (exchanged, current) = head.compareExchange(
        expected: seen,
        desired: pointer,
        successOrdering: .releasing,
        failureOrdering: .relaxed
      )
      if exchanged { break }
      seen = current
    }
    signal.raise()
  }

  /// Everything that was sent so far, oldest first. Called by the receiving loop only.
  public func takeAll() -> [Letter] {
    signal.clear()
    var pointer = head.exchange(nil, ordering: .acquiring)
    var letters: [Letter] = []
    while let raw = pointer {
      let node = Unmanaged<Node>.fromOpaque(raw).takeRetainedValue()
      letters.append(node.letter)
      pointer = node.next
    }
    letters.reverse()
    return letters
  }
}
