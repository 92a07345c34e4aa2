/// Why another host could not be talked to, or was refused.
public enum PeerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The certificate that this host would show cannot be used; the text says why.
  case certificate(String)
  /// The other side has not shown that it speaks for an owner; the text says why.
  case hello(String)
  /// No agent of the token's could be asked; the text has each one's reason.
  case unreachable(String)
  /// The other host refused; the text is its own.
  case refused(String)
  /// The other host has too much to do now, and may be asked again later; the text is its own.
  case busy(String)
  /// What the other host answered cannot be used; the text says why.
  case answer(String)
  /// A certificate is not valid by this host's clock; the text has both times.
  case clock(String)
  /// The other host's certificate ends in a root that this host does not know.
  case foreign(String)

  /// One line.
  public var description: String {
    switch self {
    case .certificate(let why): "this host's certificate cannot be shown to others: \(why)"
    case .hello(let why): "the other host speaks for nobody: \(why)"
    case .unreachable(let why): "no agent could be asked: \(why); check the address, the port and firewalls"
    case .refused(let why): "the other host refused: \(why)"
    case .busy(let why): "the other host has too much to do: \(why)"
    case .answer(let why), .foreign(let why): "the other host's answer cannot be used: \(why)"
    case .clock(let why): "a certificate is not valid now: \(why)"
    }
  }

  /// What an agent said that may be well and only does not let anybody in now: another agent can be asked. Nil for all else:
  /// who was refused by one is refused by the next, and a token may be used up.
  var passing: String? {
    switch self {
    case .unreachable(let why), .busy(let why): why
    case .certificate, .hello, .refused, .answer, .clock, .foreign: nil
    }
  }

  /// What several agents said, each of whom may be well later. Where one of them was there, it is no matter of firewalls.
  static func all(_ failures: [PeerError]) -> PeerError {
    let text = failures.compactMap(\.passing).joined(separator: "; ")
    return failures.contains { if case .busy = $0 { true } else { false } } ? .busy(text) : .unreachable(text)
  }
}
