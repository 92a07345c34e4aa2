internal import MeshModel
internal import NIOCore
internal import NIOPosix
internal import Registry

extension CheckRunner {
  /// Passes on a connection, which is closed at once.
  func tcp(_ target: MeshModel.SocketAddress, _ timeout_ms: UInt32) async throws -> CheckReport {
    let what = "connect \(target)"
    do {
      let channel = try await ClientBootstrap(group: group)
        .connectTimeout(.milliseconds(Int64(timeout_ms)))
        .connect(to: NIOCore.SocketAddress(ipAddress: target.ip.description, port: Int(target.port)))
        .get()
      channel.close(promise: nil)
    } catch ChannelError.connectTimeout {
      throw CheckFailure.late(what, timeout_ms)
    } catch {
      throw CheckFailure(what, error)
    }
    return CheckReport(.passing, "\(what): connected")
  }
}
