internal import Glibc

/// Memory whose end is the end of what may be read: one byte further is a page nobody may touch, so that a parser that
/// reads past its input ends the test run instead of getting away with it, in any build.
public final class GuardedBytes {
  private static let page = 4096
  private let base: UnsafeMutableRawPointer
  private let room: Int

  /// Memory for messages of up to `room` bytes.
  public init(room: Int) {
    self.room = (room + Self.page - 1) / Self.page * Self.page
    let mapped = mmap(nil, self.room + Self.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED, mprotect(mapped + self.room, Self.page, PROT_NONE) == 0 else {
      fatalError("no memory for a guarded buffer: errno \(errno)")
    }
    base = mapped
  }

  deinit { munmap(base, room + Self.page) }

  /// Lends `bytes` at the very end of the readable memory.
  public func lend<Result>(_ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let place = UnsafeMutableRawBufferPointer(start: base + room - bytes.count, count: bytes.count)
    place.copyBytes(from: bytes)
    return body(UnsafeRawBufferPointer(place))
  }
}
