internal import MeshModel

/// `curl http://web.default.mesh` finds a program wherever it listens.
enum WebPort {
  /// Where clients look for HTTP when they are told no port (RFC 9110 section 4.2.1).
  static let number: UInt16 = 80

  /// A service that was only registered and has one port, of which nothing but HTTP is said, answers on port 80 too.
  static func add(to service: inout Service) {
    guard service.ports.count == 1, let only = service.ports.first, only.port != number,
      only.appProtocol == .unspecified || only.appProtocol == .http
    else { return }
    var web = only
    web.port = number
    // Two ports of one service have two names, or a name would be asked for in vain.
    web.name = only.name.isEmpty ? "" : "\(only.name)-\(number)"
    service.ports.insert(web, at: 0)
  }
}
