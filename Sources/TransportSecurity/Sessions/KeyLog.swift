internal import COpenSSL
internal import Glibc

/// Writes the secrets of sessions, in NSS key log format. For who has to read captured packets, and never without being asked.
enum KeyLog {
  /// From now on each session of the context writes there, a line a secret, in one call, so that lines of several threads stay
  /// whole (write(2) with O_APPEND). What cannot be written is left out: traffic does not suffer from it.
  static func begin(of context: OpaquePointer, to descriptor: Int32) {
    SSL_CTX_set_ex_data(context, Int32(weft_app_data), UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
    SSL_CTX_set_keylog_callback(context) { session, line in
      guard let line, let data = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), Int32(weft_app_data)) else {
        return
      }
      var text = Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))
      text.append(UInt8(ascii: "\n"))
      _ = write(Int32(Int(bitPattern: data) - 1), text, text.count)
    }
  }
}
