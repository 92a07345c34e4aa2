internal import Glibc
internal import Kernel

/// The file that the secrets of all TLS sessions are written to where an operator asks for that, in NSS key log format, so that
/// captured packets can be read.
enum KeyLogFile {
  /// Opens the file, behind what it holds; it is made for nobody but the proxy's own account. One that others may read is
  /// refused, since whoever reads it reads all traffic. So is a link, which may lead there.
  static func open(_ path: String) throws(Proxy.StartFailure) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let number = Glibc.open(path, flags, 0o600)
    guard number >= 0 else { throw failure(path, SystemError("open", path).description) }
    let file = FileDescriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw failure(path, SystemError("fstat", path).description) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw failure(path, "is no file") }
    guard status.st_mode & 0o077 == 0 else {
      throw failure(path, "others may read it, and so all traffic: chmod 600, or name another")
    }
    return file
  }

  /// What stands in the journal and in the proxy's status for as long as secrets are written.
  static func warning(_ path: String) -> String {
    "the secrets of all TLS sessions are written to \(path) (--tls-key-log): whoever reads it reads all traffic"
  }

  private static func failure(_ path: String, _ reason: String) -> Proxy.StartFailure {
    Proxy.StartFailure(description: "--tls-key-log \(path): \(reason)", exitCode: Proxy.StartFailure.misconfigured)
  }
}
