public import Glibc

/// Owns one descriptor and closes it exactly once, when its life ends.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number, for system calls made while this value lives.
  @usableFromInline
  let number: Int32

  /// Takes over `number`; nobody else may close it.
  @inlinable
  public init(owning number: Int32) { self.number = number }

  /// The number, for calls that only borrow it. It must not outlive this value.
  @inlinable public var raw: Int32 { number }

  /// Gives the number up without closing it; the caller owns it now.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }

  deinit { _ = close(number) }
}
