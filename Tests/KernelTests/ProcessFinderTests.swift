import Foundation
import Testing

@testable import Kernel

@Suite struct ProcessFinderTests {
  @Test("A socket is found in the process that holds it, with its name and control group")
  func found() throws {
    let tree = try ProcTree()
    try tree.add(100, comm: "bash", sockets: [1])
    try tree.add(2000, comm: "curl", cgroup: "0::/system.slice/curl.service\n", sockets: [41, 4711, 471])
    var finder = ProcessFinder(root: tree.root)
    #expect(
      finder.find(inode: 4711, uid: 0, now_ns: 0)
        == .found(FoundProcess(pid: 2000, comm: "curl", cgroup: "/system.slice/curl.service"))
    )
    #expect(finder.find(inode: 47, uid: 0, now_ns: 0) == .notFound)
  }

  @Test("Full searches are limited to 20 a second, and processes that answered before are still looked at")
  func limited() throws {
    let tree = try ProcTree()
    try tree.add(7, comm: "busy", sockets: [1, 2])
    var finder = ProcessFinder(root: tree.root)
    #expect(finder.find(inode: 1, uid: 0, now_ns: 0) != .notFound)
    var outcomes: [ProcessFinder.Outcome] = []
    for _ in 0..<25 { outcomes.append(finder.find(inode: 99, uid: 0, now_ns: 0)) }
    #expect(outcomes.filter { $0 == .notFound }.count == 19)
    #expect(outcomes.last == .limited)
    guard case .found(let process) = finder.find(inode: 2, uid: 0, now_ns: 0) else {
      Issue.record("the remembered process was not looked at")
      return
    }
    #expect(process.comm == "busy")
    #expect(finder.find(inode: 99, uid: 0, now_ns: 1_000_000_000) == .notFound)
  }

  @Test("The newest processes are looked at without a search, and a thread answers for its process")
  func newest() throws {
    let tree = try ProcTree()
    try tree.add(300, comm: "old", sockets: [1])
    try tree.add(1999, comm: "server", sockets: [])
    try tree.add(2001, comm: "worker-3", status: "Name:\tworker\nTgid:\t1999\n", sockets: [2])
    try "0.10 0.20 0.30 2/200 2010\n".write(toFile: tree.root + "/loadavg", atomically: false, encoding: .utf8)
    var finder = ProcessFinder(root: tree.root)
    while finder.find(inode: 99, uid: 0, now_ns: 0) == .notFound {}
    #expect(finder.find(inode: 1, uid: 0, now_ns: 0) == .limited)
    guard case .found(let process) = finder.find(inode: 2, uid: 0, now_ns: 0) else {
      Issue.record("not found")
      return
    }
    #expect(process.pid == 1999)
    #expect(process.comm == "server")
  }

  @Test("Without /proc nothing is found, and nothing fails")
  func noProc() {
    var finder = ProcessFinder(root: "/nonexistent")
    #expect(finder.find(inode: 1, uid: 0, now_ns: 0) == .notFound)
  }

  @Test("This process finds its own socket in the real /proc")
  func own() throws {
    let connection = try #require(LoopbackConnection(.ipv4))
    let owner = try #require(
      try SocketDiagnostics().lookup(source: connection.source, destination: connection.destination)
    )
    var finder = ProcessFinder()
    guard case .found(let process) = finder.find(inode: owner.inode, uid: owner.uid, now_ns: 0) else {
      Issue.record("not found")
      return
    }
    #expect(process.pid == ProcessInfo.processInfo.processIdentifier)
  }

  @Test(
    "The control group is version 2's, or systemd's where version 2 has only its root",
    arguments: [
      ("0::/a/b\n1:name=systemd:/c\n", "/a/b"), ("2:cpu:/x\n1:name=systemd:/c:d\n0::/\n", "/c:d"),
      ("3:memory:/m\n0::/\n", "/m"), ("0::/\n", "/"), ("", ""), ("nonsense\n:\n", ""),
    ]
  )
  func cgroups(text: String, path: String) {
    #expect(String(decoding: ProcText.cgroupPath(Array(text.utf8)), as: UTF8.self) == path)
  }

  @Test("A finder's answer survives the socket, whatever the process calls itself")
  func answers() throws {
    let process = FoundProcess(
      pid: 4_194_304,
      comm: "fifteen bytes!!",
      cgroup: String(repeating: "/pod", count: 100)
    )
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FinderAnswer.bytes, alignment: 8)
    defer { buffer.deallocate() }
    FinderAnswer(serial: 9, .found(process)).write(to: buffer)
    let read = try #require(FinderAnswer(UnsafeRawBufferPointer(buffer)))
    #expect(read.serial == 9)
    #expect(read.process?.pid == 4_194_304)
    #expect(read.process?.comm == "fifteen bytes!!")
    #expect(read.process?.cgroup == String(process.cgroup.suffix(255)))
    var random = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      for index in buffer.indices { buffer[index] = UInt8.random(in: 0...255, using: &random) }
      _ = FinderAnswer(UnsafeRawBufferPointer(buffer))?.process
    }
  }
}

/// A proc file system of files and dangling links, as a finder reads it.
final class ProcTree {
  let root: String

  init() throws {
    root = NSTemporaryDirectory() + "weft-proc-\(getpid())-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    // What else /proc holds.
    try "x".write(toFile: root + "/uptime", atomically: false, encoding: .utf8)
    try FileManager.default.createDirectory(atPath: root + "/12ab", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func add(_ pid: Int, comm: String, cgroup: String = "0::/\n", status: String = "", sockets: [Int]) throws {
    let path = "\(root)/\(pid)"
    try FileManager.default.createDirectory(atPath: path + "/fd", withIntermediateDirectories: true)
    try (comm + "\n").write(toFile: path + "/comm", atomically: false, encoding: .utf8)
    try status.write(toFile: path + "/status", atomically: false, encoding: .utf8)
    try cgroup.write(toFile: path + "/cgroup", atomically: false, encoding: .utf8)
    symlink("/dev/null", path + "/fd/0")
    for (number, inode) in sockets.enumerated() { symlink("socket:[\(inode)]", path + "/fd/\(number + 3)") }
  }
}
