import Foundation
import WeftTestKit

/// A DNS server in a pod, UDP and TCP, made of dnspython: what it answers stands in a file and may change. An answer that is longer
/// than its client takes is cut short to nothing.
struct ZoneServer {
  private let files: TemporaryDirectory
  private let program: RunningProgram

  /// What it says of a host: addresses with the seconds that they may be kept, or a code such as `SERVFAIL`.
  enum Say: Encodable {
    case addresses([String], ttl_s: Int)
    case code(String)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .addresses(let addresses, let ttl_s): try container.encode(["\(ttl_s)"] + addresses)
      case .code(let code): try container.encode(code)
      }
    }
  }

  /// On port 53 of `address`.
  init(in pod: Pod, on address: String, _ zone: [String: Say]) throws {
    files = try TemporaryDirectory()
    try files.write("zone.json", Self.text(zone))
    program = try pod.start("/usr/bin/python3", "-c", Self.source, address, files.file("zone.json"))
    try program.output.await("ready\n")
  }

  /// Says something else from now on.
  func say(_ zone: [String: Say]) throws {
    try files.write("next.json", Self.text(zone))
    guard rename(files.file("next.json"), files.file("zone.json")) == 0 else {
      throw TestKitError("cannot rename \(files.file("next.json"))")
    }
  }

  private static func text(_ zone: [String: Say]) throws -> String {
    String(decoding: try JSONEncoder().encode(zone), as: UTF8.self)
  }

  private static let source = """
    import json, socket, struct, sys, threading
    import dns.exception, dns.flags, dns.message, dns.rcode, dns.rdatatype, dns.rrset
    def answer(wire, most):
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        said = json.load(open(sys.argv[2])).get(name, "NXDOMAIN")
        reply = dns.message.make_response(query, recursion_available=True)
        if isinstance(said, str):
            reply.set_rcode(dns.rcode.from_text(said))
        elif kind == "A":
            reply.answer.append(dns.rrset.from_text(query.question[0].name, int(said[0]), "IN", "A", *said[1:]))
        try:
            return reply.to_wire(max_size=most or query.payload or 512)
        except dns.exception.TooBig:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            return reply.to_wire()
    def streams(listener):
        while True:
            client, _ = listener.accept()
            with client, client.makefile("rb") as source:
                length = source.read(2)
                if len(length) == 2:
                    said = answer(source.read(struct.unpack("!H", length)[0]), 65535)
                    client.sendall(struct.pack("!H", len(said)) + said)
    listener = socket.create_server((sys.argv[1], 53))
    threading.Thread(target=streams, args=(listener,), daemon=True).start()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((sys.argv[1], 53))
    print("ready", flush=True)
    while True:
        wire, peer = server.recvfrom(65535)
        server.sendto(answer(wire, 0), peer)
    """
}
