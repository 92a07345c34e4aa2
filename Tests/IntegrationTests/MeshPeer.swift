import Foundation
import MeshModel
import WeftTestKit

/// `Programs/mesh_peer.py` in the place of a proxy, or of a program that speaks HTTP/2: it can stop anywhere, and says a word a
/// line of what happens. It ends with this value.
final class MeshPeer {
  let program: RunningProgram
  /// The files of its identity, which it reads for each connection.
  private let files: TemporaryDirectory?

  private init(_ program: RunningProgram, _ files: TemporaryDirectory?) {
    (self.program, self.files) = (program, files)
  }

  deinit { program.kill() }

  var output: Transcript { program.output }
  func kill() { program.kill() }

  /// How often it has said exactly that.
  func count(of word: String) -> Int { output.text.split(separator: "\n").filter { $0 == word }.count }

  /// Dials `address` from `pod` as the proxy whose identity `files` are, past capture; without any as a program, in plain text.
  /// `port` is the one of the other pod that is asked for, or authorities where a mode takes them.
  static func dial(
    _ mode: String,
    _ port: some CustomStringConvertible = "80",
    to address: SocketAddress,
    from pod: Pod,
    showing files: TemporaryDirectory? = nil
  ) throws -> MeshPeer {
    try start("dial", "\(address)", "\(mode)@\(port)", in: pod, files)
  }

  /// Listens on all addresses of `pod`, as the proxy whose identity `files` are, or as a program in plain text.
  static func serve(
    _ mode: String,
    at port: UInt16 = 15_008,
    in pod: Pod,
    showing files: TemporaryDirectory? = nil
  ) throws -> MeshPeer {
    let peer = try start("serve", "0.0.0.0:\(port)", mode, in: pod, files)
    try peer.output.await("listening")
    return peer
  }

  private static func start(
    _ role: String,
    _ address: String,
    _ mode: String,
    in pod: Pod,
    _ files: TemporaryDirectory?
  ) throws -> MeshPeer {
    var command = Command(
      ProgramsScene.python,
      [ProgramsScene.program("mesh_peer.py"), role, address, files?.path ?? "-", mode]
    )
    .with(\.pod, pod).with(\.keepsInputOpen, true)
    if files != nil { command.uid = ProxyUnderTest.uid }
    return MeshPeer(try command.start(), files)
  }
}

extension MeshScene {
  /// Who dials the server's proxy with the identity of a pod's proxy, by default the client's.
  func dial(_ mode: String, _ port: some CustomStringConvertible = "80", from pod: Pod? = nil) throws -> MeshPeer {
    let pod = pod ?? scene.pods.client
    return try MeshPeer.dial(mode, port, to: transport, from: pod, showing: try files(of: pod))
  }

  /// A mesh in which the client's proxy knows that `web` has a proxy, whose place a peer has taken; and where `web` is.
  static func served(by mode: String, _ arguments: String...) throws -> (mesh: MeshScene, url: String, peer: MeshPeer) {
    let mesh = try MeshScene { $0.arguments += arguments }
    let web = try mesh.web(portName: "http") { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web")):\(web.address.port)"
    guard try mesh.scene.get("\(url)/first") == "hello 200" else { throw TestKitError("web is not there") }
    let files = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    return (mesh, url, try MeshPeer.serve(mode, in: mesh.scene.pods.server, showing: files))
  }
}

extension Pod {
  /// A program in it that takes thousands of connections, and never says anything.
  func startDeafListener(at port: UInt16) throws -> RunningProgram {
    let script =
      "import socket, sys; held = socket.create_server(('0.0.0.0', \(port)), backlog=4096); print('ready', flush=True); "
      + "sys.stdin.read()"
    let program = try command(ProgramsScene.python, "-c", script).with(\.keepsInputOpen, true).start()
    try program.output.await("ready")
    return program
  }
}

extension ProxyUnderTest {
  /// Its connections to and from other proxies.
  func peers() throws -> [PeerReport] {
    try JSONDecoder().decode(PeerList.self, from: Data(try admin("/v1/peers").utf8)).peers
  }
}
