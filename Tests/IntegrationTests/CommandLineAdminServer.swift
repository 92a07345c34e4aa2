import Foundation
import Glibc
import Synchronization
import Testing

/// A stand-in for a proxy's admin socket: answers each request, in turn, with the next of its replies.
final class CommandLineAdminServer {
  private let listener: Int32
  private let path: String
  private let done = DispatchSemaphore(value: 0)
  private let log = Log()

  /// What was asked, shared with the thread that serves.
  private final class Log: Sendable {
    let targets = Mutex<[String]>([])
  }

  /// The request targets so far.
  var targets: [String] { log.targets.withLock { $0 } }

  /// Serves at `proxy-NAME.sock` in `directory`.
  init(_ name: String, in directory: String, replies: [[UInt8]]) throws {
    path = "\(directory)/proxy-\(name).sock"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    try #require(CommandLineAdminServer.bind(listener, path) == 0)
    try #require(listen(listener, 8) == 0)
    let thread = Thread { [done, log] in
      for reply in replies {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        var request = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &request, request.count, 0)
        let words = String(decoding: request.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        log.targets.withLock { $0.append(words.count > 1 ? String(words[1]) : "") }
        _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
        close(connection)
      }
      done.signal()
    }
    thread.start()
  }

  deinit {
    // Wakes an accept that nobody came to.
    shutdown(listener, Int32(SHUT_RDWR))
    done.wait()
    close(listener)
    unlink(path)
  }

  /// Gives `socket` the address `path`; 0 when it has it.
  static func bind(_ socket: Int32, _ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  static func reply(status: Int = 200, body: [UInt8]) -> [UInt8] {
    Array("HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}
