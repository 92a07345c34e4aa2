import Glibc
import Kernel
import Testing

@Suite struct FileWatchTests {
  @Test("A file renamed into place, over the old one or a first one, is seen; once drained the watch is quiet")
  func rename() throws {
    let (directory, elsewhere) = (try ScratchDirectory(), try ScratchDirectory())
    let watch = try FileWatch(directoryOf: directory.file("snapshot.json"))
    #expect(Readable.isQuiet(watch.descriptor) == true)
    for text in ["first", "second"] {
      try elsewhere.write("temporary", text)
      #expect(Glibc.rename(elsewhere.file("temporary"), directory.file("snapshot.json")) == 0)
      #expect(Readable.wait(watch.descriptor) == POLLIN, "\(text)")
      #expect(directory.read("snapshot.json") == text)
      watch.drain()
      #expect(Readable.isQuiet(watch.descriptor) == true)
    }
  }

  @Test("A file written in place and one taken away are seen")
  func writtenAndRemoved() throws {
    let directory = try ScratchDirectory()
    let watch = try FileWatch(directoryOf: directory.file("snapshot.json"))
    try directory.write("snapshot.json", "text")
    #expect(Readable.wait(watch.descriptor) == POLLIN)
    watch.drain()
    unlink(directory.file("snapshot.json"))
    #expect(Readable.wait(watch.descriptor) == POLLIN)
  }

  @Test("A symbolic link moved over another, as Kubernetes replaces a mounted volume, is seen")
  func linkSwap() throws {
    let directory = try ScratchDirectory()
    symlink("one", directory.file("..data"))
    let watch = try FileWatch(directoryOf: directory.file("snapshot.json"))
    symlink("two", directory.file("..next"))
    watch.drain()
    #expect(Glibc.rename(directory.file("..next"), directory.file("..data")) == 0)
    #expect(Readable.wait(watch.descriptor) == POLLIN)
  }

  @Test("A directory that is renamed, or deleted, ends its watch", arguments: ["renamed", "deleted"])
  func directoryGone(how: String) throws {
    let scratch = try ScratchDirectory()
    #expect(mkdir(scratch.file("services"), 0o755) == 0)
    let watch = try FileWatch(directoryOf: scratch.file("services/a"))
    try scratch.write("services/a", "text")
    var isStill = watch.drain()
    #expect(isStill)
    switch how {
    case "renamed": #expect(Glibc.rename(scratch.file("services"), scratch.file("old")) == 0)
    default: #expect(unlink(scratch.file("services/a")) == 0 && rmdir(scratch.file("services")) == 0)
    }
    #expect(Readable.wait(watch.descriptor) == POLLIN)
    isStill = watch.drain()
    #expect(!isStill)
  }

  @Test("A symbolic link to the directory that is moved over another ends the watch, and what it led to tells nothing")
  func linkToDirectorySwapped() throws {
    let scratch = try ScratchDirectory()
    for name in ["one", "two"] { #expect(mkdir(scratch.file(name), 0o755) == 0) }
    symlink("one", scratch.file("services"))
    symlink("two", scratch.file("next"))
    let watch = try FileWatch(directoryOf: scratch.file("services/a"))
    try scratch.write("one/a", "text")
    #expect(Readable.wait(watch.descriptor) == POLLIN)
    var isStill = watch.drain()
    #expect(isStill)
    #expect(Glibc.rename(scratch.file("next"), scratch.file("services")) == 0)
    #expect(Readable.wait(watch.descriptor) == POLLIN)
    isStill = watch.drain()
    #expect(!isStill)
  }

  @Test("More changes than one read holds are drained all")
  func manyChanges() throws {
    let directory = try ScratchDirectory()
    let watch = try FileWatch(directoryOf: directory.file("snapshot.json"))
    for number in 0..<200 { try directory.write("file-\(number % 5)-with-a-name-of-some-length", "\(number)") }
    #expect(Readable.wait(watch.descriptor) == POLLIN)
    watch.drain()
    #expect(Readable.isQuiet(watch.descriptor) == true)
  }

  @Test("A directory that is not there is an error that names it")
  func missing() throws {
    let directory = try ScratchDirectory()
    let wanted = SystemError("inotify_add_watch", directory.file("none"), code: ENOENT)
    #expect(throws: wanted) { () throws in _ = try FileWatch(directoryOf: directory.file("none/snapshot.json")) }
  }
}
