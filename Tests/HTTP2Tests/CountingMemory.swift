import CNghttp2
import Glibc

/// An allocator for nghttp2 that counts: what is held now, and how often it was asked.
final class CountingMemory {
  /// What was allocated and not freed.
  struct Count {
    var heldBytes = 0
    var allocations = 0
  }

  // Unsafe: nghttp2 gets its address, and uses it until its session is gone, which the test's end comes after.
  private let count = UnsafeMutablePointer<Count>.allocate(capacity: 1)
  private let functions = UnsafeMutablePointer<nghttp2_mem>.allocate(capacity: 1)
  /// In front of each piece, so that its size is known when it is freed; as large as malloc's alignment.
  private static let headBytes = 16

  init() {
    count.initialize(to: Count())
    functions.initialize(
      to: nghttp2_mem(
        mem_user_data: count,
        malloc: { size, count in CountingMemory.replace(nil, size, count) },
        free: { piece, count in CountingMemory.free(piece, count) },
        calloc: { number, size, count in
          let piece = CountingMemory.replace(nil, number * size, count)
          if let piece { memset(piece, 0, number * size) }
          return piece
        },
        realloc: { piece, size, count in CountingMemory.replace(piece, size, count) }
      )
    )
  }

  deinit {
    count.deallocate()
    functions.deallocate()
  }

  /// What a session is to be made with.
  var allocator: UnsafeMutablePointer<nghttp2_mem> { functions }

  var heldBytes: Int { count.pointee.heldBytes }
  var allocations: Int { count.pointee.allocations }

  private static func replace(
    _ piece: UnsafeMutableRawPointer?,
    _ size: Int,
    _ count: UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer? {
    guard let count = count?.assumingMemoryBound(to: Count.self) else { return nil }
    let old = piece.map { $0 - headBytes }
    let oldSize = old?.load(as: Int.self) ?? 0
    guard let new = realloc(old, size + headBytes) else { return nil }
    new.storeBytes(of: size, as: Int.self)
    count.pointee.heldBytes += size - oldSize
    count.pointee.allocations += 1
    return new + headBytes
  }

  private static func free(_ piece: UnsafeMutableRawPointer?, _ count: UnsafeMutableRawPointer?) {
    guard let piece, let count = count?.assumingMemoryBound(to: Count.self) else { return }
    let head = piece - headBytes
    count.pointee.heldBytes -= head.load(as: Int.self)
    Glibc.free(head)
  }
}
