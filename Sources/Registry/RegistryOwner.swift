/// Who registered an instance. It decides who may change it.
public enum RegistryOwner: Hashable, Sendable {
  /// A file of the services' directory, by its path: it is the administrator's word.
  case file(String)
  /// A user, by the peer credentials of the agent's socket.
  case user(UInt32)

  /// The user who may change what any user registered.
  static let root = RegistryOwner.user(0)

  /// Whether `other` may replace or remove what this registered. What a file says is changed in the file; a file takes
  /// over what a user registered before.
  func yields(to other: RegistryOwner) -> Bool {
    switch (self, other) {
    case (.file, _): self == other
    case (.user, .file): true
    case (.user, .user): self == other || other == .root
    }
  }
}

extension RegistryOwner: LosslessStringConvertible {
  private static let filePrefix = "file ", userPrefix = "user "

  /// Parses what `description` writes.
  public init?(_ text: String) {
    if text.hasPrefix(Self.filePrefix), text.count > Self.filePrefix.count {
      self = .file(String(text.dropFirst(Self.filePrefix.count)))
    } else if text.hasPrefix(Self.userPrefix), let id = UInt32(text.dropFirst(Self.userPrefix.count)) {
      self = .user(id)
    } else {
      return nil
    }
  }

  /// `file /etc/weft/services/web.yaml` or `user 1000`.
  public var description: String {
    switch self {
    case .file(let path): Self.filePrefix + path
    case .user(let id): Self.userPrefix + "\(id)"
    }
  }
}
