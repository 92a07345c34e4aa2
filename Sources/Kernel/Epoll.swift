public import CLinux
internal import Glibc

/// What a descriptor became ready for (epoll_ctl(2)). Computed constants, so that the path sees plain numbers.
public struct Readiness: OptionSet, BitwiseCopyable, Sendable {
  /// The kernel's bits (sys/epoll.h).
  public let rawValue: UInt32
  /// From the kernel's bits.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// There is something to read, or to accept.
  @inlinable public static var readable: Readiness { Readiness(rawValue: 0x001) }
  /// There is room to write; a connect has ended.
  @inlinable public static var writable: Readiness { Readiness(rawValue: 0x004) }
  /// An error is pending.
  @inlinable public static var error: Readiness { Readiness(rawValue: 0x008) }
  /// Both directions are over.
  @inlinable public static var hangUp: Readiness { Readiness(rawValue: 0x010) }
  /// The peer sent FIN: one more read finds end-of-stream.
  @inlinable public static var peerFinished: Readiness { Readiness(rawValue: 0x2000) }
  /// TCP urgent data is in the stream (EPOLLPRI): a read stops at its mark although more is there.
  @inlinable public static var urgent: Readiness { Readiness(rawValue: 0x002) }
  /// Report changes, not states: the reader keeps what it was told (EPOLLET).
  @inlinable public static var edgeTriggered: Readiness { Readiness(rawValue: 1 << 31) }

  /// What a relayed connection asks for, once, for its whole life.
  @inlinable public static var stream: Readiness { Readiness(rawValue: 0x001 | 0x002 | 0x004 | 0x2000 | 1 << 31) }
}

/// An epoll instance and the room for one wait's events.
public struct Epoll: ~Copyable {
  /// Events taken in one wait. More stay in the kernel for the next turn; 256 keeps a turn under a millisecond.
  public static let eventsPerWait = 256

  @usableFromInline let descriptor: FileDescriptor
  @usableFromInline let events: UnsafeMutablePointer<epoll_event>

  /// An empty instance. Throws where descriptors or memory lack.
  public init() throws(SystemError) {
    let number = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard number >= 0 else { throw SystemError("epoll_create1") }
    descriptor = FileDescriptor(owning: number)
    events = .allocate(capacity: Self.eventsPerWait)
    events.initialize(repeating: epoll_event(), count: Self.eventsPerWait)
  }

  deinit { events.deallocate() }

  /// Watches `watched` until it is closed; `token` comes back with each event.
  @inlinable @discardableResult
  public func add(_ watched: borrowing FileDescriptor, _ interest: Readiness, token: UInt64) -> Bool {
    var event = epoll_event()
    event.events = interest.rawValue
    weft_epoll_set_token(&event, token)
    return epoll_ctl(descriptor.raw, EPOLL_CTL_ADD, watched.raw, &event) == 0
  }

  /// Gives a watched descriptor another token; what it is ready for now is reported once more, under the new one.
  @inlinable @discardableResult
  public func rename(_ watched: borrowing FileDescriptor, _ interest: Readiness, token: UInt64) -> Bool {
    var event = epoll_event()
    event.events = interest.rawValue
    weft_epoll_set_token(&event, token)
    return epoll_ctl(descriptor.raw, EPOLL_CTL_MOD, watched.raw, &event) == 0
  }

  /// Stops watching a descriptor that stays open.
  @inlinable
  public func remove(_ watched: borrowing FileDescriptor) {
    var unused = epoll_event()
    _ = epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, watched.raw, &unused)
  }

  /// Waits up to `timeout_ms` (-1: until an event) and returns how many events can be read by `event(_:)`.
  @inlinable
  public func wait(timeout_ms: Int32) -> Int {
    let count = weft_raw_epoll_wait(descriptor.raw, events, Int32(Self.eventsPerWait), timeout_ms)
    return max(0, count)
  }

  /// One of the events of the latest wait.
  @inlinable
  public func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
    (weft_epoll_token(events + index), Readiness(rawValue: events[index].events))
  }
}
