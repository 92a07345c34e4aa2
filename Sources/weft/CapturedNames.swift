import Interception
import Kernel
import MeshModel

/// Whether what the programs of a proxy's pod ask for names goes where nobody answers.
///
/// The rules tell, and only root may read them, in the pod's network namespace. Others are told nothing.
enum CapturedNames {
  /// The port that rules redirect to, 15053, as /proc/net/udp writes it after the address.
  private static let portText = ":3ACD"
  /// Bytes of a list of a pod's UDP sockets that are read: 150 a socket, so some ten thousand.
  private static let listBytes = 1 << 21

  /// What is wrong, and what to do; nil where nothing is, or it cannot be known.
  ///
  /// It may leave the calling thread in the pod's network namespace.
  static func problem(of status: ProxyStatus) -> String? {
    // A proxy with the port says itself whether an agent answers there.
    guard status.names == nil, ProcessIdentity.uid == 0, isProxy(status.pid), !isBound(in: status.pid),
      (try? NetworkNamespace.open("/proc/\(status.pid)/ns/net").enter()) != nil,
      let rules = try? CaptureStatus.read(), rules.families.contains(where: \.capturesNames)
    else { return nil }
    return "weft-capture --capture-dns sends what programs ask for names to port 15053, and nobody answers there: "
      + "start weft-proxy with --agent and without --no-names, or apply the rules without --capture-dns"
  }

  /// A number of another PID namespace is somebody else's here.
  private static func isProxy(_ pid: Int32) -> Bool {
    (try? FileContents.read("/proc/\(pid)/comm", limit: 64)).map { $0 == Array("weft-proxy\n".utf8) } ?? false
  }

  /// Whether anybody has the port there (proc_pid_net(5)): an agent may, in its own network namespace.
  private static func isBound(in pid: Int32) -> Bool {
    ["udp", "udp6"].contains { list in
      guard let bytes = try? FileContents.read("/proc/\(pid)/net/\(list)", limit: listBytes) else { return false }
      // `sl  local_address rem_address ...`
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains {
        $0.split(separator: " ", maxSplits: 2).dropFirst().first?.hasSuffix(portText) == true
      }
    }
  }
}
