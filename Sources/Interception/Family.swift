/// An address family that rules are written for; the two have separate tables in the kernel.
public enum Family: String, Sendable, CaseIterable, Codable {
  case v4 = "IPv4"
  case v6 = "IPv6"

  /// The other one.
  var other: Family { self == .v4 ? .v6 : .v4 }
}
