internal import Glibc
internal import NIOCore

/// Why a socket failed, in few words: the system's own, where it is the system's error.
struct SocketReason: CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    switch error {
    case let error as IOError: description = String(cString: strerror(error.errnoCode)).lowercased()
    case ChannelError.connectTimeout: description = "no connection in time"
    default: description = "\(error)"
    }
  }
}
