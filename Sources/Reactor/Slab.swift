/// Stable storage for many values of one kind: constant-time insert and remove, no allocation per value.
///
/// Memory grows by chunks and is reused, last freed first, so that a busy loop stays within few cache lines.
/// Not thread-safe: a slab belongs to one loop.
public struct Slab<Element: ~Copyable>: ~Copyable {
  /// Values per chunk. Small enough that an idle proxy's first chunk is a few pages.
  @inlinable static var chunkShift: UInt32 { 6 }
  @inlinable static var chunkSize: UInt32 { 1 << chunkShift }

  /// Bookkeeping beside each value; odd generations are occupied.
  @frozen @usableFromInline
  struct Place: BitwiseCopyable {
    @usableFromInline var generation: UInt32
    @usableFromInline var nextFree: UInt32
    @inlinable init(generation: UInt32, nextFree: UInt32) {
      self.generation = generation
      self.nextFree = nextFree
    }
  }

  @usableFromInline var chunks: [UnsafeMutablePointer<Element>] = []
  @usableFromInline var places: [UnsafeMutablePointer<Place>] = []
  @usableFromInline var firstFree: UInt32 = .max
  /// Values present.
  @inlinable public var count: Int { occupied }
  @usableFromInline var occupied = 0
  /// Most values at once; an insert beyond it is refused.
  public let capacity: Int

  /// An empty slab; it allocates with the first value.
  public init(capacity: Int) { self.capacity = capacity }

  deinit {
    for index in 0..<UInt32(truncatingIfNeeded: chunks.count) << Self.chunkShift where isOccupied(index) {
      element(index).deinitialize(count: 1)
    }
    for chunk in chunks { chunk.deallocate() }
    for chunk in places { chunk.deallocate() }
  }

  /// Places that exist, occupied or not: indices below this may be asked about.
  @inlinable public var extent: UInt32 { UInt32(truncatingIfNeeded: chunks.count) << Self.chunkShift }

  /// Whether an insert would be refused.
  @inlinable public var isFull: Bool { count >= capacity }

  // Specialised where it is used: unspecialised, each insert and remove would look its element's type up at run time,
  // a quarter of all instructions that a request took when measured.

  /// Stores `value`. The caller has checked `isFull`.
  @inlinable
  public mutating func insert(_ value: consuming Element) -> Slot {
    precondition(!isFull, "the owner checks isFull before it inserts")
    if firstFree == .max { grow() }
    let index = firstFree
    let place = place(index)
    firstFree = place.pointee.nextFree
    place.pointee.generation = (place.pointee.generation &+ 1) & 0xff_ffff
    element(index).initialize(to: value)
    occupied += 1
    return Slot(index: index, generation: place.pointee.generation)
  }

  /// Ends the value's life; its slot is stale from now on.
  @inlinable
  public mutating func remove(_ slot: Slot) {
    guard contains(slot) else { return }
    element(slot.index).deinitialize(count: 1)
    vacate(slot.index)
  }

  @inlinable
  mutating func vacate(_ index: UInt32) {
    let place = place(index)
    place.pointee.generation = (place.pointee.generation &+ 1) & 0xff_ffff
    place.pointee.nextFree = firstFree
    firstFree = index
    occupied -= 1
  }

  /// Moves the value out; its slot is stale from now on. Nil for a stale slot.
  @inlinable
  public mutating func take(_ slot: Slot) -> Element? {
    guard contains(slot) else { return nil }
    let value = element(slot.index).move()
    vacate(slot.index)
    return value
  }

  /// Whether the slot's tenant is still there.
  @inlinable
  public func contains(_ slot: Slot) -> Bool {
    slot.index < extent && place(slot.index).pointee.generation == slot.generation && slot.generation & 1 == 1
  }

  /// The value's address, good until it is removed; nil for a stale slot.
  @inlinable
  public func pointer(_ slot: Slot) -> UnsafeMutablePointer<Element>? {
    contains(slot) ? element(slot.index) : nil
  }

  /// The slot of whoever lives at `index` now.
  @inlinable
  public func tenant(_ index: UInt32) -> Slot? {
    guard index < extent, isOccupied(index) else { return nil }
    return Slot(index: index, generation: place(index).pointee.generation)
  }

  @inlinable
  func isOccupied(_ index: UInt32) -> Bool { place(index).pointee.generation & 1 == 1 }

  @inlinable
  func element(_ index: UInt32) -> UnsafeMutablePointer<Element> {
    chunks[Int(index >> Self.chunkShift)] + Int(index & (Self.chunkSize - 1))
  }

  @inlinable
  func place(_ index: UInt32) -> UnsafeMutablePointer<Place> {
    places[Int(index >> Self.chunkShift)] + Int(index & (Self.chunkSize - 1))
  }

  @inlinable @inline(never)
  mutating func grow() {
    let base = extent
    let fresh = UnsafeMutablePointer<Place>.allocate(capacity: Int(Self.chunkSize))
    for offset in 0..<Self.chunkSize {
      let next = offset + 1 < Self.chunkSize ? base + offset + 1 : UInt32.max
      (fresh + Int(offset)).initialize(to: Place(generation: 0, nextFree: next))
    }
    chunks.append(.allocate(capacity: Int(Self.chunkSize)))
    places.append(fresh)
    firstFree = base
  }
}
