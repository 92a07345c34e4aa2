import CLinux
import Foundation
import Kernel
import MeshModel
import Testing

@Suite struct ProcessFinderChildTests {
  // Each test runs in a process of its own: a finder is forked, and a fork wants quiet threads around it.

  @Test("The finder names the program of another user that dialled", .enabled(if: geteuid() == 0))
  func otherUser() async {
    await #expect(processExitsWith: .success) {
      let client = try ProcessFinderChild.start(as: .init(uid: 4242, gid: 4242))
      let (program, source, destination, listener) = try ProcessFinderChildTests.dialAsNobody()
      defer {
        kill(program, SIGKILL)
        waitpid(program, nil, 0)
        close(listener)
      }
      let attribution = FlowAttribution(finder: client)
      #expect(attribution.limitation == nil)
      let report = attribution.identify(source: source, destination: destination, now_ns: 0)
      #expect(report?.pid == program)
      #expect(report?.uid == 65534)
      #expect(report?.comm == "nc")
      #expect(report?.cgroup?.hasPrefix("/") == true)
      let nobody = SocketAddress(source.ip, port: 1)
      #expect(attribution.identify(source: source, destination: nobody, now_ns: 0) == nil)
      #expect(attribution.counts.found == 1)
      #expect(attribution.counts.missed == 1)
    }
  }

  @Test("The finder keeps two capabilities, holds nothing of ours open, and ends with us", .enabled(if: geteuid() == 0))
  func confined() async {
    await #expect(processExitsWith: .success) {
      var client: ProcessFinderClient? = try ProcessFinderChild.start(as: .init(uid: 4242, gid: 4242))
      let pid = try #require(client?.pid)
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      #expect(status.contains("Uid:\t4242\t4242\t4242\t4242\n"))
      #expect(status.contains("Groups:\t4242"))
      #expect(status.contains("NoNewPrivs:\t1\n"))
      for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(status.contains("\(set):\t0000000000080004\n")) }
      for set in ["CapInh", "CapAmb"] { #expect(status.contains("\(set):\t0000000000000000\n")) }
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
      #expect(Set(open) == ["0", "1", "2", "3"])
      for signal in [SIGTERM, SIGINT, SIGHUP] { kill(pid, signal) }
      #expect(client?.isAlive == true)
      _ = client?.find(inode: 1, uid: 0)
      #expect(client?.isAlive == true)
      client = nil
      #expect(kill(pid, 0) == -1)
    }
  }

  @Test("When the finder is killed the questions end quickly and without an answer", .enabled(if: geteuid() == 0))
  func killed() async {
    await #expect(processExitsWith: .success) {
      let client = try ProcessFinderChild.start(as: .init(uid: 4242, gid: 4242))
      kill(client.pid, SIGKILL)
      let elapsed = ContinuousClock().measure { for _ in 0..<100 { _ = client.find(inode: 1, uid: 0) } }
      #expect(!client.isAlive)
      #expect(elapsed < .seconds(1))
    }
  }

  @Test(
    "A finder that is stopped costs one short wait a question, and its late answers are not mistaken",
    .enabled(if: geteuid() == 0)
  )
  func stopped() async {
    await #expect(processExitsWith: .success) {
      let client = try ProcessFinderChild.start(as: .init(uid: 4242, gid: 4242))
      let connection = try #require(LoopbackConnection(.ipv4))
      let owner = try #require(
        try SocketDiagnostics().lookup(source: connection.source, destination: connection.destination)
      )
      kill(client.pid, SIGSTOP)
      #expect(client.find(inode: owner.inode, uid: owner.uid) == nil)
      kill(client.pid, SIGCONT)
      #expect(client.find(inode: 1, uid: 0) == nil)
      // On a busy machine some answers come too late; each that counts must be the right one.
      var answer: FoundProcess?
      for _ in 0..<100 where answer == nil {
        answer = client.find(inode: owner.inode, uid: owner.uid)
        #expect(client.find(inode: 1, uid: 0) == nil)
      }
      #expect(answer?.pid == getpid())
    }
  }

  @Test("Without a finder the user is still known, and what is missing is said")
  func noFinder() throws {
    let connection = try #require(LoopbackConnection(.ipv6))
    let attribution = FlowAttribution(finder: nil, finderMissing: "no CAP_SYS_PTRACE")
    #expect(attribution.limitation?.contains("no CAP_SYS_PTRACE") == true)
    let report = attribution.identify(source: connection.source, destination: connection.destination, now_ns: 0)
    #expect(report?.uid == geteuid())
    #expect(report?.pid == nil)
  }

  @Test("More connections than can be looked at are counted as skipped")
  func skipped() throws {
    let connection = try #require(LoopbackConnection(.ipv4))
    let attribution = FlowAttribution(finder: nil)
    for _ in 0..<(FlowAttribution.attemptsPerSecond + 5) {
      _ = attribution.identify(source: connection.source, destination: connection.destination, now_ns: 0)
    }
    #expect(attribution.counts.found == UInt64(FlowAttribution.attemptsPerSecond))
    #expect(attribution.counts.skipped == 5)
  }

  /// Runs nc as user 65534, and returns when it has connected to a listener of ours.
  static func dialAsNobody() throws -> (pid_t, SocketAddress, SocketAddress, Int32) {
    let loopback = try #require(IPAddress("127.0.0.1"))
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    _ = SocketAddress(loopback, port: 0).withKernelAddress { bind(listener, $0, $1) }
    listen(listener, 1)
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(listener, $0, &size) }
    }
    let destination = try #require(SocketAddress(&storage))
    var program: pid_t = 0
    let arguments = [
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "nc", "-d", "127.0.0.1", "\(destination.port)",
    ]
    var vector = arguments.map { strdup($0) } + [nil]
    defer { vector.forEach { free($0) } }
    try #require(posix_spawn(&program, "/usr/bin/setpriv", nil, nil, &vector, environ) == 0)
    size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let accepted = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &size) }
    }
    try #require(accepted >= 0)
    return (program, try #require(SocketAddress(&storage)), destination, listener)
  }
}
