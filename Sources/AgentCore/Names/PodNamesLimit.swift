/// Bounds on what proxies may bring.
enum PodNamesLimit {
  /// Pods whose names are answered at one time, and connections on the socket: more than a host runs pods (kubelet's default
  /// is 110), few enough that their sockets, four each, stay well under the unit's LimitNOFILE.
  static let pods = 512
  /// Sockets of one pod: UDP and TCP, of IPv4 and IPv6.
  static let sockets = 4
  /// Bytes of what a proxy says with its sockets: a word and its name.
  static let greeting_bytes = 128
  /// How long the socket is left alone after a connection could not be accepted, mostly for want of descriptors, in
  /// milliseconds: asking again at once would only turn the loop.
  static let rest_ms: Int32 = 250
}
