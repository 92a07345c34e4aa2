internal import Kernel
internal import MeshModel

/// The running proxy that this one replaces: its listening sockets, and the connection to tell it when.
final class Predecessor {
  let sockets: [(raw: Int32, direction: Direction)]
  private let connection: FileDescriptor

  /// Nil where none runs: then this is a start like any other.
  init?(_ adminPath: String) {
    guard let sockets = Handover.request(from: adminPath),
      let connection = try? UnixSocket.connect(to: adminPath)
    else { return nil }
    self.sockets = sockets
    self.connection = connection
  }

  /// This proxy serves: the other one may retire.
  func confirm() { Handover.confirm(to: connection) }
}
