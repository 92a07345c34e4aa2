import Foundation
import Testing
import WeftTestKit

/// The socket by which proxies hand the agent the pod's sockets for names.
@Suite("Who offers the agent sockets for names")
struct ForeignSocketsTests {
  /// Connects to the agent's socket and hands over what its arguments say; prints the agent's answer.
  private static let guest = #"""
    import array, socket, sys
    path, words, kinds = sys.argv[1], sys.argv[2], sys.argv[3:]
    def make(kind):
        what, address, port = kind.split(",")
        if what == "file": return open("/dev/null")
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                          socket.SOCK_DGRAM if what == "udp" else socket.SOCK_STREAM)
        if ":" in address: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((address, int(port)))
        if what == "tcp": s.listen(1)
        return s
    held = [make(kind) for kind in kinds if kind != "again"]
    numbers = [h.fileno() for h in held] + [held[0].fileno() for kind in kinds if kind == "again"]
    c = socket.socket(socket.AF_UNIX)
    c.settimeout(10)
    c.connect(path)
    try: c.sendmsg([words.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", numbers))])
    except BrokenPipeError: pass
    try: print(c.makefile().readline().strip())
    except OSError as error: print(error)
    """#

  @Test(
    "the agent takes nothing but a pod's sockets for names, from root and the proxies' user, and keeps nothing else"
  )
  func hostile() throws {
    let (host, pod) = (try Pod(), try Pod())
    let agent = try AgentUnderTest(in: host)
    let socket = agent.directory.file("names.sock")
    func answer(_ words: String, _ kinds: String..., as uid: UInt32? = nil) throws -> String {
      try Command("/usr/bin/python3", ["-c", Self.guest, socket, words] + kinds)
        .with(\.pod, pod).with(\.uid, uid).run().orThrow().output.trimmingCharacters(in: .newlines)
    }
    func descriptors() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/\(agent.program.pid)/fd").count
    }
    let good = ["udp,127.0.0.1,15053", "tcp,127.0.0.1,15053"]
    #expect(try answer("names 1 it\n", good[0], good[1]) == "served")
    #expect(try answer("names 1 it\n", "udp,::1,15053", "tcp,::1,15053", as: ProxyUnderTest.uid) == "served")
    let before = try descriptors()
    let refused = [
      try answer("names 1 it\n", good[0], good[1], as: 1234), try answer("names 1 it\n", "file,,0"),
      try answer("names 1 it\n", good[0]), try answer("names 1 it\n", good[1]),
      try answer("names 1 it\n", good[0], "stream,127.0.0.1,15053"),
      try answer("names 1 it\n", "udp,127.0.0.1,15054", "tcp,127.0.0.1,15054"),
      try answer("names 1 it\n", "udp,0.0.0.0,15053", "tcp,0.0.0.0,15053"),
      try answer("names 1 it\n", good[0], good[1], "again", "again"), try answer("names 1 it\n", good[0], "again"),
      try answer("names 1 it\n", good[0], good[1], "again", "again", "again"),
      try answer("names 2 it\n", good[0], good[1]), try answer("GET / HTTP/1.1\n", good[0], good[1]),
      try answer("names 1 \u{7f}\n", good[0], good[1]),
    ]
    for words in refused { #expect(words.hasPrefix("refused "), "\(words)") }
    // The last guests' sockets go as soon as the agent has heard that they hung up.
    let deadline = Deadline(.seconds(10))
    while try descriptors() > before, !deadline.isOver {}
    #expect(try descriptors() <= before)
    #expect(try answer("names 1 it\n", good[0], good[1]) == "served", "it serves on")
  }
}
