import Foundation
import MeshModel
import Testing
import WeftTestKit

/// The two packet filters that iptables writes to; capture must do the same on both.
enum PacketFilter: String, CaseIterable, CustomTestStringConvertible {
  case nft
  case legacy
  var testDescription: String { rawValue }

  /// Everyone's rules of `pod`, both families, without what changes by itself (times, counters).
  func rules(of pod: Pod) throws -> String {
    try ["iptables", "ip6tables"].map { program in
      try pod.run("\(program)-\(rawValue)-save").orThrow().output
        .split(separator: "\n").filter { !$0.hasPrefix("#") }.map(Self.withoutCounters).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func withoutCounters(_ line: Substring) -> String {
    line.hasPrefix(":") ? line.split(separator: " ").dropLast().joined(separator: " ") : String(line)
  }

  /// Runs `iptables` or `ip6tables` of this back end in `pod`.
  func iptables(_ pod: Pod, v6: Bool = false, _ arguments: String...) throws {
    try Command("\(v6 ? "ip6tables" : "iptables")-\(rawValue)", arguments).with(\.pod, pod).run().orThrow()
  }
}

/// What programs of a pod talk to: small Python programs that say who they are, and to what address a connection was
/// meant that reached them. What they print can be awaited.
enum Player {
  /// Says `captured PORT ORIGINAL-DESTINATION PEER` to every connection and then echoes: a proxy that hides nothing.
  case stub([UInt16])
  /// Prints the same line, then carries the connection to its original destination, as the real proxy would.
  case relay([UInt16])
  /// Says `direct PORT PEER` to every connection and then echoes.
  case server([UInt16])
  /// Accepts every connection and resets it: a proxy whose every upstream fails.
  case resetter([UInt16])
  /// Answers every datagram with `direct PORT`.
  case datagrams([UInt16])

  private var arguments: [String] {
    switch self {
    case .stub(let ports): ["stub"] + ports.map(String.init)
    case .relay(let ports): ["relay"] + ports.map(String.init)
    case .server(let ports): ["server"] + ports.map(String.init)
    case .resetter(let ports): ["resetter"] + ports.map(String.init)
    case .datagrams(let ports): ["datagrams"] + ports.map(String.init)
    }
  }

  /// Starts it in `pod`, on all addresses of both families, and waits until it listens.
  func start(in pod: Pod, as uid: UInt32? = nil) throws -> RunningProgram {
    let program = try Command("/usr/bin/python3", ["-c", Self.script] + arguments)
      .with(\.pod, pod).with(\.uid, uid).start()
    try program.output.await("ready\n")
    return program
  }

  private static let script = #"""
    import os, selectors, socket, struct, sys, threading
    role, ports = sys.argv[1], [int(p) for p in sys.argv[2:]]
    def show(address): return ("[%s]:%d" if ":" in address[0] else "%s:%d") % address[:2]
    def original(c):
        v6 = c.family == socket.AF_INET6
        raw = c.getsockopt(41 if v6 else 0, 80, 28)
        port = struct.unpack("!H", raw[2:4])[0]
        return (socket.inet_ntop(c.family, raw[8:24] if v6 else raw[4:8]), port)
    def say(line):
        os.write(1, (line + "\n").encode())
    def pump(a, b):
        try:
            while data := a.recv(65536): b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError: pass
    def serve(c, peer):
        port = c.getsockname()[1]
        try:
            if role == "resetter":
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif role == "server":
                say("accepted %d %s" % (port, show(peer)))
                c.sendall(("direct %d %s\n" % (port, show(peer))).encode())
                while data := c.recv(65536): c.sendall(data)
            else:
                there = original(c)
                line = "captured %d %s %s" % (port, show(there), show(peer))
                say(line)
                if role == "stub":
                    c.sendall((line + "\n").encode())
                    while data := c.recv(65536): c.sendall(data)
                else:
                    with socket.create_connection(there) as up:
                        back = threading.Thread(target=pump, args=(up, c)); back.start()
                        pump(c, up); back.join()
        except OSError as error: say("failed %s" % error)
        finally: c.close()
    doors = selectors.DefaultSelector()
    for port in ports:
        for family in (socket.AF_INET, socket.AF_INET6):
            s = socket.socket(family, socket.SOCK_DGRAM if role == "datagrams" else socket.SOCK_STREAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind(("", port))
            if role != "datagrams": s.listen(1024)
            doors.register(s, selectors.EVENT_READ)
    say("ready")
    while True:
        for key, _ in doors.select():
            if role == "datagrams":
                data, peer = key.fileobj.recvfrom(65536)
                say("datagram %s" % show(peer))
                key.fileobj.sendto(("direct %d" % key.fileobj.getsockname()[1]).encode(), peer)
            else:
                threading.Thread(target=serve, args=key.fileobj.accept(), daemon=True).start()
    """#
}

/// A pod to be captured and the world outside it, on one link; the world is the pod's way to everywhere.
struct CaptureScene {
  let pods: TwoPods
  var pod: Pod { pods.client }
  var world: Pod { pods.server }
  var podEnd: WeftTestKit.Attachment { pods.clientEnd }
  var worldEnd: WeftTestKit.Attachment { pods.serverEnd }

  init() throws {
    guard geteuid() == 0 else { throw TestKitError("capture tests make network namespaces and rules: run as root") }
    pods = try TwoPods()
  }

  /// The addresses of an end, IPv4 first, with `port`.
  func addresses(_ end: WeftTestKit.Attachment, _ port: UInt16) -> [SocketAddress] {
    [SocketAddress(end.v4, port: port), SocketAddress(end.v6, port: port)]
  }

  /// Loopback of both families.
  func loopback(_ port: UInt16) -> [SocketAddress] {
    [SocketAddress(IPAddress(v4: 0x7f00_0001), port: port), SocketAddress(IPAddress(high: 0, low: 1), port: port)]
  }
}

/// The program under test, run as an operator would.
enum Capture {
  static func run(
    _ verb: String,
    _ pod: Pod,
    _ options: [String] = [],
    path: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    var command = Command(try Binaries.path("weft-capture"), [verb, "--netns", pod.name] + options)
    command.environment = environment
    if let path { command.environment["PATH"] = "\(path):/usr/sbin:/usr/bin:/sbin:/bin" }
    return try command.run()
  }

  static func apply(_ pod: Pod, _ filter: PacketFilter = .nft, _ options: String...) throws {
    try run("apply", pod, ["--backend", filter.rawValue] + options).orThrow()
  }
}

/// What a program hears that dials `address` from `pod`: the first line, or the reason why there was none.
func hear(
  from pod: Pod,
  _ address: SocketAddress,
  source: SocketAddress? = nil,
  within limit: Duration = .seconds(5)
) throws -> String {
  do {
    let stream = try PodStream.connect(from: pod, to: address, source: source, within: limit)
    defer { stream.close() }
    var text = ""
    while !text.hasSuffix("\n") {
      let more = try stream.receive(exactly: 1)
      if more.isEmpty { break }
      text += more
    }
    return text.trimmingCharacters(in: .newlines)
  } catch let failure as SocketFailure {
    return failure.description
  }
}

/// The same for a program that runs as `uid`.
func hear(from pod: Pod, as uid: UInt32, _ address: SocketAddress) throws -> String {
  let script = """
    import socket, sys
    try:
        with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as c: print(c.makefile().readline().strip())
    except OSError as error: print(error.strerror or error)
    """
  return try Command("/usr/bin/python3", ["-c", script, address.ip.description, String(address.port)])
    .with(\.pod, pod).with(\.uid, uid).run().orThrow().output.trimmingCharacters(in: .newlines)
}

/// What a program hears that sends one datagram to `address`: the answer, or the reason why there was none.
func hearDatagram(from pod: Pod, as uid: UInt32? = nil, _ address: SocketAddress) throws -> String {
  let script = """
    import socket, sys
    s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    try:
        s.connect((sys.argv[1], int(sys.argv[2]))); s.send(b"hello"); print(s.recv(100).decode())
    except OSError as error: print(error.strerror or error)
    """
  return try Command("/usr/bin/python3", ["-c", script, address.ip.description, String(address.port)])
    .with(\.pod, pod).with(\.uid, uid).run().orThrow().output.trimmingCharacters(in: .newlines)
}

let refused = "connect: Connection refused"

/// What REJECT in OUTPUT is to the program that sends a datagram: its send fails at once (and the next call says that the
/// connection is refused).
let refusedToSend = "Operation not permitted"

/// Stands before the real iptables programs in PATH and refuses some of what they are given, as a kernel without a
/// feature would.
struct FakeTools {
  private let directory: TemporaryDirectory
  var path: String { directory.path }

  init() throws { directory = try TemporaryDirectory() }

  /// `program` fails with `complaint` when its input contains `text`, and else does what it does.
  func refuse(_ program: String, _ text: String, saying complaint: String) throws {
    let script = """
      #!/bin/sh
      input=$(cat)
      case $input in
        *'\(text)'*)
          cat <<'END' >&2
      \(complaint)
      END
          exit 2
          ;;
      esac
      printf '%s\\n' "$input" | exec /usr/sbin/\(program) "$@"

      """
    // Written by another process: a descriptor open for writing here could be on its way into some child of another
    // test just when the program is to be executed (ETXTBSY).
    try Command("/bin/sh", ["-c", "cat > \"$0\" && chmod 755 \"$0\"", directory.file(program)])
      .with(\.input, Array(script.utf8)).run().orThrow()
  }
}
