public import MeshModel

/// Why the registry did not do what it was asked.
public enum RegistryRefusal: Error, Hashable, Sendable {
  /// A field is wrong.
  case invalid(RegistrationError)
  /// Another instance listens there.
  case portTaken(SocketAddress, by: Registration.Key, RegistryOwner)
  /// It was registered by someone who does not yield to who asks.
  case notYours(Registration.Key, RegistryOwner)
  /// There are as many as a host may have.
  case tooMany
  /// The user has this many, and no more than that are free for all users together.
  case tooManyOf(user: UInt32, Int, free: Int)
  /// The user changes too much.
  case tooManyChanges(user: UInt32)
  /// Who asks may not have the agent run programs.
  case scriptNotAllowed(check: String)
  /// Who asks may not speak for an address that is not this host's.
  case foreignAddress(IPAddress)
  /// Neither the registration nor the host has an address.
  case noAddress
  /// There is no such instance.
  case unknown(Registration.Key)
  /// It has no such check that takes reports; these are there.
  case noSuchReport(Registration.Key, check: String?, known: [String])
}

extension RegistryRefusal: CustomStringConvertible {
  /// One sentence: what was wrong and what would be right.
  public var description: String {
    switch self {
    case .invalid(let error): error.description
    case .portTaken(let address, let key, let owner):
      "ports: \(address) is already registered as \(key) by \(owner); deregister that, or give another port"
    case .notYours(let key, .file(let path)): "\(key) is registered by \(path); change that file"
    case .notYours(let key, .user(let id)): "\(key) is registered by user \(id); only that user and root may change it"
    case .tooMany: "this host has \(RegistryLimit.registrations) registrations, which is all that it may have"
    case .tooManyOf(let user, let own, let free):
      "user \(user) has \(own) registrations, and \(free) more are free on this host: those are for other users; deregister some"
    case .tooManyChanges(let user):
      "user \(user) changes registrations too often; \(Int(RegistryLimit.changesPerSecond)) a second are taken"
    case .scriptNotAllowed(let check):
      "checks: \(check.isEmpty ? "the script check" : check) would have the agent run a program; only files of the services' directory and root may ask for it"
    case .foreignAddress(let address):
      "addresses: \(address) is not an address of this host; only files of the services' directory and root may name it"
    case .noAddress: "addresses: the host has none that others can dial; name one"
    case .unknown(let key): "\(key) is not registered on this host"
    case .noSuchReport(let key, let check, let known):
      if known.isEmpty {
        "\(key) has no TTL check, so nobody reports for it"
      } else if let check {
        "\(key) has no TTL check \"\(check)\"; it has \(known.joined(separator: ", "))"
      } else {
        "\(key) has several TTL checks; name one of \(known.joined(separator: ", "))"
      }
    }
  }
}
