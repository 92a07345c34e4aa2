import Glibc
import Kernel
import TransportSecurity

/// A certificate, its key and its roots as three files that are exchanged together: the names are links through one link, which
/// is replaced by a rename, so that nobody reads the key of one renewal and the certificate of another.
struct IdentityFiles {
  let directory: String

  /// As spiffe-helper calls them by default.
  private static let names = (chain: "svid.pem", key: "svid_key.pem", bundle: "svid_bundle.pem")
  private static let current = ".current"
  /// The most certificates of a chain and of a bundle that are taken, as in agents.
  private static let certificates = 16

  init(directory: String) throws(CommandFailure) {
    self.directory = directory
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw Self.failure("mkdir", directory) }
  }

  /// Makes the three names lead to these: DER, one certificate behind the other, and PKCS #8.
  func write(chain: [UInt8], key: [UInt8], bundle: [UInt8]) throws(CommandFailure) {
    guard let certificates = CertificateList.split(chain, limit: Self.certificates), !certificates.isEmpty,
      let roots = CertificateList.split(bundle, limit: Self.certificates), !roots.isEmpty, !key.isEmpty
    else {
      throw CommandFailure(CommandFailure.failed, "what the agent gave is no certificate with key and roots")
    }
    let earlier = readLink("\(directory)/\(Self.current)")
    var template = Array("\(directory)/.svid-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Self.failure("mkdtemp", directory) }
    let path = String(cString: made)
    // Whoever may read certificates may; the key's own mode keeps it to its owner.
    guard chmod(path, 0o755) == 0 else { throw Self.failure("chmod", path) }
    try create("\(path)/\(Self.names.key)", PEM.text("PRIVATE KEY", [key]), mode: 0o600)
    try create("\(path)/\(Self.names.chain)", PEM.text("CERTIFICATE", certificates), mode: 0o644)
    try create("\(path)/\(Self.names.bundle)", PEM.text("CERTIFICATE", roots), mode: 0o644)
    let name = String(path.dropFirst(directory.utf8.count + 1))
    try link(Self.current, to: name)
    for file in [Self.names.key, Self.names.chain, Self.names.bundle] {
      let target = "\(Self.current)/\(file)"
      if readLink("\(directory)/\(file)") != target { try link(file, to: target) }
    }
    if let earlier, earlier.hasPrefix(".svid-") { remove(earlier) }
  }

  /// Makes a name of the directory a link, in the place of whatever it was.
  private func link(_ name: String, to target: String) throws(CommandFailure) {
    let draft = "\(directory)/.new-\(getpid())"
    unlink(draft)
    guard symlink(target, draft) == 0 else { throw Self.failure("symlink", draft) }
    guard rename(draft, "\(directory)/\(name)") == 0 else { throw Self.failure("rename", "\(directory)/\(name)") }
  }

  private func create(_ path: String, _ text: String, mode: mode_t) throws(CommandFailure) {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard number >= 0 else { throw Self.failure("open", path) }
    let file = FileDescriptor(owning: number)
    // The mode whatever the umask.
    guard fchmod(file.raw, mode) == 0 else { throw Self.failure("fchmod", path) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file.raw, bytes, bytes.count) == bytes.count, fsync(file.raw) == 0 else {
      throw Self.failure("write", path)
    }
  }

  private func remove(_ earlier: String) {
    for file in [Self.names.key, Self.names.chain, Self.names.bundle] { unlink("\(directory)/\(earlier)/\(file)") }
    rmdir("\(directory)/\(earlier)")
  }

  private func readLink(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &text, text.count)
    return count > 0 ? String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  private static func failure(_ call: String, _ path: String) -> CommandFailure {
    CommandFailure(CommandFailure.failed, "\(SystemError(call, path))")
  }
}
