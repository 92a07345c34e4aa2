public import Glibc

/// A system call that failed: which call, on what, and the kernel's reason.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The call as its manual page names it, such as `bind`.
  public let call: String
  /// What it was asked to act on, such as `0.0.0.0:15001`; empty where the call says enough.
  public let subject: String
  /// `errno` (errno(3)).
  public let code: Int32

  /// Records `code`, by default the calling thread's `errno`, so make it right after the call.
  public init(_ call: String, _ subject: String = "", code: Int32 = errno) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  /// `call subject: reason`.
  public var description: String {
    "\(call)\(subject.isEmpty ? "" : " \(subject)"): \(String(cString: strerror(code)))"
  }

  /// The kernel has no such address family, or it is switched off: IPv6 on a host without it.
  public var isFamilyMissing: Bool { code == EAFNOSUPPORT || code == EADDRNOTAVAIL }

  /// What to look at where descriptors are all taken; empty for any other reason.
  public var descriptorAdvice: String {
    switch code {
    case EMFILE: "; raise the process's limit of descriptors (ulimit -n, or LimitNOFILE= of its unit)"
    case ENFILE: "; the host has no descriptor left (sysctl fs.file-max)"
    default: ""
    }
  }

  /// Another socket has the address.
  public var isAddressInUse: Bool { code == EADDRINUSE }
}
