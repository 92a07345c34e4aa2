internal import DNS
internal import NIOCore

/// Who asked, and how an answer gets there.
enum NameClient {
  /// A sender of UDP messages, by the listener that they came to: the answer leaves from that address.
  case datagram(any Channel, SocketAddress, of: NamesPod)
  /// A TCP connection.
  case stream(StreamHandler)

  /// Whose program it is.
  var pod: NamesPod {
    switch self {
    case .datagram(_, _, let pod): pod
    case .stream(let handler): handler.pod
    }
  }
}

/// What makes two UDP questions one client's.
struct DatagramClient: Hashable {
  let listener: ObjectIdentifier
  let address: SocketAddress
}
