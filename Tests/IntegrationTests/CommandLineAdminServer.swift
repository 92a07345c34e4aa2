import Foundation
import Glibc
import Synchronization
import Testing
import WeftTestKit

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
    let path = "\(directory)/proxy-\(name).sock"
    // Before the first property is set: an object that fails later would wait in `deinit` for a thread that never was.
    let listener = try Self.listener(at: path)
    self.path = path
    self.listener = listener
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

  /// A socket that listens at `path`.
  private static func listener(at path: String) throws -> Int32 {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw TestKitError("socket: \(String(cString: strerror(errno)))") }
    guard bind(number, path) == 0, listen(number, 8) == 0 else {
      let error = TestKitError("a stand-in for a proxy cannot listen at \(path): \(String(cString: strerror(errno)))")
      close(number)
      throw error
    }
    return number
  }

  /// Gives `socket` the address `path`; 0 when it has it, -1 with `errno` otherwise.
  static func bind(_ socket: Int32, _ path: String) -> Int32 {
    var address = sockaddr_un()
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      errno = ENAMETOOLONG
      return -1
    }
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
