internal import Glibc
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
    } catch let error as IOError where [ECONNRESET, ENOTCONN].contains(error.errnoCode) {
      // Established, and reset before we looked (tcp(7): a connection that is refused is ECONNREFUSED). Whether we are that
      // late is chance, and must not decide.
    } catch ChannelError.connectTimeout {
      throw CheckFailure.late(what, timeout_ms)
    } catch {
      throw CheckFailure(what, error)
    }
    return CheckReport(.passing, "\(what): connected")
  }
}
