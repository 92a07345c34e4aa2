/// What an epoll event is about, packed in the 64 bits the kernel carries for us.
///
/// A slot's generation makes an event that was taken before its slot was freed recognisable as stale.
@frozen
public struct Token: BitwiseCopyable, Equatable, Sendable {
  /// Which table `index` counts in; the meaning belongs to the loop's owner.
  @frozen
  public struct Kind: BitwiseCopyable, Equatable, Sendable {
    /// The table's number.
    public let rawValue: UInt8
    /// The table with that number.
    @inlinable public init(_ rawValue: UInt8) { self.rawValue = rawValue }
  }

  /// What epoll carries.
  public let rawValue: UInt64

  /// What epoll brought back.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// A token for the tenant of a slot.
  @inlinable
  public init(_ kind: Kind, slot: Slot) {
    rawValue = UInt64(kind.rawValue) << 56 | UInt64(slot.generation & 0xff_ffff) << 32 | UInt64(slot.index)
  }

  /// The table that `slot` counts in.
  @inlinable public var kind: Kind { Kind(UInt8(truncatingIfNeeded: rawValue >> 56)) }
  /// The place, and the tenant that was meant.
  @inlinable public var slot: Slot {
    Slot(
      index: UInt32(truncatingIfNeeded: rawValue),
      generation: UInt32(truncatingIfNeeded: rawValue >> 32) & 0xff_ffff
    )
  }
}

/// A place in a slab, and which of its successive tenants is meant.
@frozen
public struct Slot: BitwiseCopyable, Hashable, Sendable {
  /// The place.
  public let index: UInt32
  /// Counts the tenants of this place, modulo 2^24.
  public let generation: UInt32

  /// A place and a tenant.
  @inlinable
  public init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }
}
