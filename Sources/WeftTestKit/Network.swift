public import MeshModel

/// A pod's end of a link.
public struct Attachment: Sendable {
  /// The interface's name inside the pod.
  public let interface: String
  /// Its IPv4 address.
  public let v4: IPAddress
  /// Its IPv6 address.
  public let v6: IPAddress
}

extension Pod {
  /// Joins two pods by a veth pair with addresses of both families on both ends.
  ///
  /// Both ends are made inside their pods, so no name ever appears on the host.
  public static func join(
    _ first: Pod,
    _ second: Pod,
    interfaces: (String, String) = ("eth0", "eth0"),
    subnet: Subnet = Subnet()
  ) throws -> (Attachment, Attachment) {
    try Command(
      "ip",
      ["link", "add", interfaces.0, "netns", first.name, "type", "veth"]
        + ["peer", "name", interfaces.1, "netns", second.name]
    ).run().orThrow()
    return (
      try first.attach(interfaces.0, subnet, host: 1), try second.attach(interfaces.1, subnet, host: 2)
    )
  }

  func attach(_ interface: String, _ subnet: Subnet, host: Int) throws -> Attachment {
    let attachment = Attachment(interface: interface, v4: subnet.v4(host), v6: subnet.v6(host))
    try batch([
      "address add \(attachment.v4)/\(Subnet.v4Length) dev \(interface)",
      "address add \(attachment.v6)/\(Subnet.v6Length) dev \(interface) nodad",
      "link set \(interface) up",
    ])
    return attachment
  }

  /// Several `ip` commands in one run of the program.
  func batch(_ lines: [String]) throws {
    try Command("ip", ["-n", name, "-batch", "-"])
      .with(\.input, Array(lines.map { $0 + "\n" }.joined().utf8)).run().orThrow()
  }

  /// Sends everything this pod has no nearer route for to `gateway`, both families.
  public func route(via gateway: Attachment) throws {
    try batch(["route add default via \(gateway.v4)", "route add default via \(gateway.v6)"])
  }
}

/// A client and a server pod on one link: what most tests need.
public struct TwoPods: Sendable {
  /// Where the program that connects runs.
  public let client: Pod
  /// Where the program that listens runs.
  public let server: Pod
  /// The client's end of the link.
  public let clientEnd: Attachment
  /// The server's end of the link.
  public let serverEnd: Attachment

  /// Makes both and joins them.
  public init() throws {
    client = try Pod()
    server = try Pod()
    (clientEnd, serverEnd) = try Pod.join(client, server)
    // The far end becomes the way to everything else, so a test can dial an address that nobody has.
    try client.route(via: serverEnd)
    try server.route(via: clientEnd)
  }

  /// Two pods that are joined already, by whatever link; the far end becomes the client's way to everything else.
  init(client: (Pod, Attachment), server: (Pod, Attachment)) throws {
    (self.client, clientEnd) = client
    (self.server, serverEnd) = server
    try self.client.route(via: serverEnd)
  }
}

/// A client and a server pod with a router between them, for what a shared link would hide: forwarding, several
/// interfaces, addresses that are not on the link.
public struct RoutedPods: Sendable {
  /// Where the program that connects runs.
  public let client: Pod
  /// Forwards between the two; `eth0` towards the client, `eth1` towards the server.
  public let router: Pod
  /// Where the program that listens runs.
  public let server: Pod
  /// The client's own end.
  public let clientEnd: Attachment
  /// The server's own end.
  public let serverEnd: Attachment
  /// The router's end towards the client.
  public let routerEnd: Attachment

  /// Makes all three, with routes both ways.
  public init() throws {
    client = try Pod()
    router = try Pod()
    server = try Pod()
    try router.configure("net.ipv4.ip_forward", "1")
    try router.configure("net.ipv6.conf.all.forwarding", "1")
    (clientEnd, routerEnd) = try Pod.join(client, router, interfaces: ("eth0", "eth0"))
    let far: Attachment
    (serverEnd, far) = try Pod.join(server, router, interfaces: ("eth0", "eth1"))
    try client.route(via: routerEnd)
    try server.route(via: far)
  }
}
