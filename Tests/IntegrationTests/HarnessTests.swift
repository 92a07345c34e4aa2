import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

/// The harness itself: a test kit that leaks or lies would make every other test worthless.
@Suite("The harness")
struct HarnessTests {
  @Test("a program in one pod reaches a listener in the other, over both families")
  func podsAreJoined() throws {
    let pods = try TwoPods()
    for ip in [pods.serverEnd.v4, pods.serverEnd.v6] {
      let listener = try PodListener(in: pods.server, on: SocketAddress(ip, port: 0))
      let client = try PodStream.connect(from: pods.client, to: listener.address)
      let accepted = try listener.accept()
      try client.send("ping")
      client.finish()
      #expect(try accepted.receiveToEnd() == "ping")
      try accepted.send("pong")
      accepted.close()
      #expect(try client.receiveToEnd() == "pong")
    }
  }

  @Test("a router pod forwards between two others")
  func routerForwards() throws {
    let pods = try RoutedPods()
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v6, port: 7000))
    _ = try PodStream.connect(from: pods.client, to: listener.address)
    #expect(try listener.accept().peerAddress?.ip == pods.clientEnd.v6)
  }

  @Test("a refused, a reset and an unanswered connection are told apart")
  func failuresAreDistinct() throws {
    let pods = try TwoPods()
    let nobody = SocketAddress(pods.serverEnd.v4, port: 9)
    #expect(throws: SocketFailure.self) { try PodStream.connect(from: pods.client, to: nobody) }
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let client = try PodStream.connect(from: pods.client, to: listener.address)
    try listener.accept().reset()
    #expect { try client.receive() } throws: { ($0 as? SocketFailure)?.code == ECONNRESET }
  }

  @Test("a program's streams, exit code and standard input are its own")
  func programsAreCaptured() throws {
    let outcome = try Command("/bin/sh", ["-c", "cat; echo oops >&2; exit 7"])
      .with(\.input, Array("hello".utf8)).run()
    #expect(outcome.code == 7)
    #expect(outcome.output == "hello")
    #expect(outcome.error == "oops\n")
  }

  @Test("a program that outlives its deadline is reported and killed with its group")
  func deadlinesHold() throws {
    let program = try Command("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"]).start()
    let child = try program.output.await("the child's pid") { text in
      text.hasSuffix("\n") ? pid_t(text.dropLast()) : nil
    }
    #expect(throws: TestKitError.self) { try program.outcome(within: .milliseconds(50)) }
    #expect(try program.waitForExit() == 128 + SIGKILL)
    try eventually("the end of the child") { isGone(child) }
  }

  @Test("nothing is left of a pod when the last reference to it goes")
  func podsVanish() throws {
    let (name, pid) = try {
      let pod = try Pod()
      let program = try pod.start("sleep", "1000")
      return (pod.name, program.pid)
    }()
    #expect(access("/run/netns/\(name)", F_OK) != 0)
    #expect(kill(pid, 0) != 0)
  }
}

/// Whether a process has ended, though perhaps nobody has reaped it yet.
func isGone(_ pid: pid_t) -> Bool {
  let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
  return status?.contains(") Z ") ?? true
}
