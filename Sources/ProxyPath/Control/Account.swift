internal import Kernel

/// From root to nobody special: what needs privilege is done first and once, then all of it is given up for good.
enum Account {
  /// What was arranged while there were privileges.
  struct Arrangement {
    /// Looks up the programs behind connections; nil with the reason where there is none.
    var finder: ProcessFinderClient?
    var finderMissing: String?
  }

  /// Call before the first thread starts. Throws where the proxy would serve with more rights than its own.
  static func settle(_ settings: ProxySettings) throws(Proxy.StartFailure) -> Arrangement {
    var arrangement = Arrangement()
    ProcessLimits.raiseDescriptorLimit()
    do {
      guard Privileges.canSwitchUser else {
        guard ProcessIdentity.uid != 0 else {
          throw Proxy.StartFailure(
            description: "root without CAP_SETUID and CAP_SETGID cannot become user \(settings.user): "
              + "grant both, or start it as that user",
            exitCode: Proxy.StartFailure.lacksPrivilege
          )
        }
        arrangement.finderMissing = "started without privilege to look into other processes"
        try Privileges.drop(to: nil)
        return arrangement
      }
      let user = try Privileges.User(settings.user)
      guard user.uid != 0 else {
        throw Proxy.StartFailure(
          description: "--user \(settings.user) is root, whose traffic would need no exemption and whose bugs no help: "
            + "name another user",
          exitCode: Proxy.StartFailure.misconfigured
        )
      }
      RunDirectory.prepare(settings.runDirectory, for: user)
      do {
        arrangement.finder = try ProcessFinderChild.start(as: user)
      } catch {
        arrangement.finderMissing = "\(error)"
      }
      try Privileges.drop(to: user)
      return arrangement
    } catch let failure as Proxy.StartFailure {
      throw failure
    } catch let error as PrivilegeError {
      if case .unknownUser = error {
        throw Proxy.StartFailure(description: "--user: \(error)", exitCode: Proxy.StartFailure.misconfigured)
      }
      throw Proxy.StartFailure(description: "\(error)", exitCode: Proxy.StartFailure.lacksPrivilege)
    } catch {
      throw Proxy.StartFailure(description: "\(error)", exitCode: Proxy.StartFailure.lacksPrivilege)
    }
  }
}
