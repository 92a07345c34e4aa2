import Foundation
import MeshModel
import WeftTestKit

/// A resolver of our own on loopback, UDP and TCP: Python with dnspython. What it does follows from the first label of the
/// name it is asked for; it prints a line for each question.
final class FakeResolver: Sendable {
  let address: SocketAddress
  private let program: RunningProgram

  /// On `address`, which the first label of a question leads to do as it says, or always `manner`.
  init(_ address: String = "127.0.0.1", port: UInt16 = 0, manner: String = "") throws {
    program = try Command("/usr/bin/python3", ["-c", Self.source, address, "\(port)", manner]).start()
    let port = try program.output.await("its port") { text in
      text.split(separator: "\n").first { $0.hasPrefix("port ") }.flatMap { UInt16($0.dropFirst(5)) }
    }
    guard let ip = IPAddress(address) else { throw TestKitError("\(address) is no address") }
    self.address = SocketAddress(ip, port: port)
  }

  /// What it was asked so far: transport and name.
  var questions: [String] {
    program.output.text.split(separator: "\n").filter { !$0.hasPrefix("port ") }.map(String.init)
  }

  func await(_ question: String) throws { try program.output.await(question + "\n") }

  private static let source = """
    import socket, sys, threading, time
    import dns.message, dns.rrset, dns.flags, dns.rcode

    def answer(query, transport, manner):
        reply = dns.message.make_response(query, recursion_available=True)
        name = query.question[0].name
        if manner == "servfail":
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif manner == "missing":
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif manner == "big" and transport == "udp":
            reply.flags |= dns.flags.TC
        else:
            count = 100 if manner == "big" else 1
            address = "192.0.2.%d" if manner != "second" else "198.51.100.%d"
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "A", *[address % (i + 1) for i in range(count)]))
        return reply

    def manner_of(query):
        return sys.argv[3] or query.question[0].name.labels[0].decode()

    def note(transport, query):
        print(transport, query.question[0].name.to_text(omit_final_dot=True), flush=True)

    def serve_datagram(wire, peer):
        query = dns.message.from_wire(wire)
        manner = manner_of(query)
        note("udp", query)
        if manner == "dead": return
        if manner == "slow": time.sleep(0.4)
        reply = answer(query, "udp", manner)
        if manner == "liar":
            for forged in range(20):
                reply.id = (query.id + 1 + forged) % 65536
                udp.sendto(reply.to_wire(), peer)
            other = answer(query, "udp", "")
            stranger = socket.socket(family, socket.SOCK_DGRAM)
            stranger.bind((sys.argv[1], 0))
            other.answer = [dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "203.0.113.66")]
            stranger.sendto(other.to_wire(), peer)
            swapped = dns.message.make_response(dns.message.make_query("evil.test", "A", id=query.id))
            swapped.answer = [dns.rrset.from_text("evil.test.", 60, "IN", "A", "203.0.113.66")]
            udp.sendto(swapped.to_wire(), peer)
            udp.sendto(b"junk", peer)
            time.sleep(0.1)
            reply.id = query.id
        udp.sendto(reply.to_wire(), peer)

    def read(stream, count):
        data = b""
        while len(data) < count:
            more = stream.recv(count - len(data))
            if not more: return b""
            data += more
        return data

    def serve_stream(stream):
        length = read(stream, 2)
        if not length: return stream.close()
        query = dns.message.from_wire(read(stream, int.from_bytes(length, "big")))
        manner = manner_of(query)
        note("tcp", query)
        if manner == "dead": time.sleep(60)
        if manner == "hangup": return stream.close()
        wire = answer(query, "tcp", manner).to_wire(max_size=65535)
        framed = len(wire).to_bytes(2, "big") + wire
        for at in range(0, len(framed), 100): stream.sendall(framed[at:at + 100])
        stream.recv(1)
        stream.close()

    family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
    while True:
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((sys.argv[1], int(sys.argv[2])))
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind((sys.argv[1], udp.getsockname()[1]))
            break
        except OSError:
            if int(sys.argv[2]): raise
            udp.close()
    tcp.listen(64)
    print("port", udp.getsockname()[1], flush=True)

    def streams():
        while True:
            stream, _ = tcp.accept()
            threading.Thread(target=serve_stream, args=(stream,), daemon=True).start()

    threading.Thread(target=streams, daemon=True).start()
    while True:
        wire, peer = udp.recvfrom(65535)
        threading.Thread(target=serve_datagram, args=(wire, peer), daemon=True).start()
    """
}
