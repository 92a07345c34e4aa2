import Glibc
import Kernel
import Testing
import WeftTestKit

@Suite("Names in a directory")
struct DirectoryNamesTests {
  @Test("are all that is there, hidden ones included")
  func names() throws {
    let directory = try TemporaryDirectory()
    #expect(try DirectoryNames.read(directory.path) == [])
    let long = String(repeating: "n", count: 255)
    for name in ["a", ".b", long] { try directory.write("x", ""); rename(directory.file("x"), directory.file(name)) }
    #expect(try Set(DirectoryNames.read(directory.path)) == ["a", ".b", long])
  }

  @Test("are refused with the kernel's reason")
  func refused() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.file("missing")
    #expect(throws: SystemError("opendir", missing, code: ENOENT)) { try DirectoryNames.read(missing) }
    let file = try directory.write("file", "")
    #expect(throws: SystemError("opendir", file, code: ENOTDIR)) { try DirectoryNames.read(file) }
  }
}
