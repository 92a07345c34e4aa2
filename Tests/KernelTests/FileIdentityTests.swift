import CLinux
import Glibc
import Kernel
import Testing

@Suite struct FileIdentityTests {
  @Test("A file is the same by every path that leads to it, and a copy is another")
  func paths() throws {
    let directory = try ScratchDirectory()
    try directory.write("one", "text")
    try directory.write("copy", "text")
    #expect(link(directory.file("one"), directory.file("linked")) == 0)
    #expect(symlink(directory.file("one"), directory.file("symbolic")) == 0)
    let one = try #require(FileIdentity(at: directory.file("one")))
    #expect(FileIdentity(at: directory.file("linked")) == one)
    #expect(FileIdentity(at: directory.file("symbolic")) == one)
    #expect(FileIdentity(at: directory.file("copy")) != one)
    #expect(FileIdentity(at: directory.file("none")) == nil)
  }
}
