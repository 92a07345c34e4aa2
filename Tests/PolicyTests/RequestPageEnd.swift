import Glibc

/// Readable memory that ends where a page begins that is not: who reads one byte too many is killed.
final class PageEnd {
  private let base: UnsafeMutableRawPointer
  private static let page = 4_096

  init() {
    let mapped = mmap(nil, 2 * Self.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED, mprotect(mapped + Self.page, Self.page, PROT_NONE) == 0 else {
      fatalError("no memory for a guarded page: errno \(errno)")
    }
    base = mapped
  }

  deinit { munmap(base, 2 * Self.page) }

  /// Lends at most a page of bytes at the very end.
  func lend<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let place = UnsafeMutableRawBufferPointer(start: base + Self.page - bytes.count, count: bytes.count)
    place.copyBytes(from: bytes)
    return body(UnsafeRawBufferPointer(place))
  }
}
