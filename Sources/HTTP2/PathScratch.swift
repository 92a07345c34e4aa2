internal import CNghttp2

/// What one worker's sessions write their events and header lists into: one for each worker, its memory taken once. Events wait
/// here in their order until `next`; header lists are valid until the next `receive`.
public final class PathScratch {
  // Unsafe: allocated by `init` and freed by `deinit`. Sessions are given it for the length of a call, in which their callbacks
  // write through it; it stays where it is, which a stored property would not promise.
  let store: UnsafeMutablePointer<PathScratchStore>

  /// Memory for sessions whose limits are at most these.
  public init(_ limits: SessionLimits = .path) {
    store = .allocate(capacity: 1)
    store.initialize(to: PathScratchStore(limits))
  }

  deinit {
    store.pointee.deallocate()
    store.deallocate()
  }

  /// Takes the oldest event; nil when there is none.
  public func next() -> PathEvent? { store.pointee.next() }

  /// How many events wait.
  public var count: Int { store.pointee.count }

  /// Lends the fields of an event, valid until the next `receive` of any session that writes here.
  public func fields(_ range: PathFieldRange) -> PathFieldList {
    store.pointee.fields.list(from: Int(range.start), count: range.count)
  }
}

/// The memory of a `PathScratch`.
struct PathScratchStore: BitwiseCopyable {
  /// Events that one receiving call may bring before it pauses: a 16 KiB TLS record holds so many of the smallest requests.
  private static let workingEvents = 512
  /// What may still come to each open stream once a session has decided to pause: an end of its body, a refusal, room to
  /// write, and its end.
  private static let eventsPerStream = 4
  /// The same to the connection: settings and goodbyes, each told once a call, and as much again to spare.
  private static let eventsOfConnection = 4
  /// Header bytes and fields that one receiving call may bring before it pauses: those of some thirty usual requests. A list
  /// that begins below it fits in any case.
  private static let workingBytes = 32 << 10
  private static let workingFields = 512

  /// Fields that a proxy may add to those that came.
  private static let addedFields = 28

  /// The most that a session may have.
  private let limits: SessionLimits
  var fields: PathFieldStore
  /// What nghttp2 is given to send, for the length of a call.
  let outgoing: UnsafeMutableBufferPointer<nghttp2_nv>
  private let events: UnsafeMutablePointer<PathEvent>
  private let capacity: Int
  private var first = 0
  private var end = 0

  init(_ limits: SessionLimits) {
    self.limits = limits
    capacity = Self.workingEvents + limits.streams * Self.eventsPerStream + Self.eventsOfConnection
    events = .allocate(capacity: capacity)
    outgoing = .allocate(capacity: limits.headerFields + Self.addedFields)
    fields = .allocate(
      bytes: Self.workingBytes + limits.headerListBytes,
      fields: Self.workingFields + limits.headerFields
    )
  }

  func deallocate() {
    events.deallocate()
    outgoing.deallocate()
    fields.deallocate()
  }

  var count: Int { end - first }

  mutating func next() -> PathEvent? {
    guard first < end else { return nil }
    defer { first += 1 }
    return events[first]
  }

  /// Whether all that a session of these limits may tell has room.
  func fits(_ other: SessionLimits) -> Bool {
    other.streams <= limits.streams && other.headerListBytes <= limits.headerListBytes
      && other.headerFields <= limits.headerFields
  }

  /// Makes room for all that a sending call may tell, which may be the end of every stream. False where too much waits.
  mutating func makeRoom() -> Bool {
    let wanted = limits.streams * Self.eventsPerStream + Self.eventsOfConnection
    if capacity - end < wanted, first > 0 {
      events.update(from: events + first, count: end - first)
      end -= first
      first = 0
    }
    return capacity - end >= wanted
  }

  /// Forgets the lists of the last call, for a receiving one. False where events of that wait, which may speak of them.
  mutating func begin() -> Bool {
    guard first == end else { return false }
    first = 0
    end = 0
    fields.cut(fields: 0, bytes: 0)
    return true
  }

  /// Whether a receiving session must pause now, so that what it cannot hold back has room.
  var mustPause: Bool { end >= Self.workingEvents }

  /// Whether a list that begins here might not fit.
  func mustMove(listAtField field: Int, byte: Int) -> Bool { byte > Self.workingBytes || field > Self.workingFields }

  /// Adds an event, and says where it is; nil when there is no room, which `makeRoom` and `mustPause` are to prevent.
  mutating func append(_ event: PathEvent) -> Int? {
    guard end < capacity else { return nil }
    events[end] = event
    end += 1
    return end - 1
  }

  /// Says anew what a waiting event says.
  mutating func replace(_ index: Int, _ event: PathEvent) { events[index] = event }
}
