internal import CLinux
internal import Glibc

/// Bytes of a secret on its way: at most so many, and zeroed before their memory is given back (explicit_bzero(3), which
/// compilers do not leave out).
public struct WipedBytes: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  /// How many there are.
  public private(set) var count = 0

  /// None yet, and room for `capacity`.
  public init(capacity: Int) { memory = .allocate(byteCount: capacity, alignment: 1) }

  deinit {
    Self.wipe(memory)
    memory.deallocate()
  }

  /// What there is, for as long as this value lives.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Adds `fresh`; false where there is no room for all of it, and then nothing is added.
  public mutating func append(_ fresh: UnsafeRawBufferPointer) -> Bool {
    guard fresh.count <= memory.count - count else { return false }
    UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: fresh)
    count += fresh.count
    return true
  }

  /// Adds what one read of `socket` brings. Without room there is nothing to be read: end of stream.
  public mutating func receive(from socket: borrowing FileDescriptor) -> ReadOutcome {
    let outcome = socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
    if case .bytes(let fresh) = outcome { count += fresh }
    return outcome
  }

  /// Zeroes memory that held a secret.
  public static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
  }
}
