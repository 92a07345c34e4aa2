import Glibc
import Kernel
import Testing

@Suite struct FileDescriptorTests {
  /// A number no other test is given, since the kernel hands out the lowest: it may be closed and taken again here.
  private func farAway(_ origin: borrowing FileDescriptor, _ offset: Int32) throws -> Int32 {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let wanted = Int32(clamping: min(limit.rlim_cur, 1 << 16)) - 64 + offset
    let number = dup2(origin.raw, wanted)
    guard number >= 0 else { throw SystemError("dup2", "\(wanted)") }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return number
  }

  private func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) >= 0 }

  @Test("An owner closes its number when its life ends, and never again: whoever gets the number next keeps it")
  func once() throws {
    let pair = try UnixPair()
    let number = try farAway(pair.one, 1)
    try liveAndLetGo(number, next: pair.other)
    #expect(isOpen(number), "closed a second time, when it was someone else's")
    close(number)
  }

  /// Ends the owner of `number` early, then lets `next` have the number until the scope, and all it holds, is over.
  private func liveAndLetGo(_ number: Int32, next: borrowing FileDescriptor) throws {
    var owner: FileDescriptor? = FileDescriptor(owning: number)
    #expect(isOpen(number))
    let moved = owner.take()
    let isGone = owner == nil
    #expect(isGone)
    #expect(isOpen(number), "a move closes nothing")
    owner = consume moved
    owner = nil
    #expect(!isOpen(number))
    #expect(dup2(next.raw, number) == number)
  }

  @Test("A released number stays open and is the caller's")
  func released() throws {
    let pair = try UnixPair()
    let number = try farAway(pair.one, 2)
    let owner = FileDescriptor(owning: number)
    #expect(owner.release() == number)
    #expect(isOpen(number))
    close(number)
  }

  @Test("A duplicate is closed on exec and outlives the original")
  func duplicate() throws {
    let pair = try UnixPair()
    let number = try farAway(pair.one, 3)
    let copy = try copied(number)
    #expect(!isOpen(number))
    #expect(fcntl(copy.raw, F_GETFD) & FD_CLOEXEC != 0)
    pair.other.say("still here")
    #expect(copy.awaitBytes().bytes == Array("still here".utf8))
    #expect(throws: SystemError("fcntl F_DUPFD_CLOEXEC", code: EBADF)) { () throws in
      _ = try FileDescriptor(owning: -1).duplicate()
    }
  }

  private func copied(_ number: Int32) throws -> FileDescriptor { try FileDescriptor(owning: number).duplicate() }
}
