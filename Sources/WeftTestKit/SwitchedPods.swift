internal import MeshModel

/// Several pods on one link, each of which can be cut off from the others and come back.
public struct SwitchedPods: Sendable {
  /// The pods, in order.
  public let pods: [Pod]
  /// Each one's end of the link.
  public let ends: [Attachment]
  private let middle: Pod

  /// The most pods of one link: what its IPv4 block has addresses for.
  public static let most = 14

  /// Makes `count` pods around a bridge in a pod of its own.
  public init(_ count: Int) throws {
    precondition((1...Self.most).contains(count), "a link has room for \(Self.most) pods")
    middle = try Pod()
    // Without spanning tree a port forwards as soon as it is up.
    try middle.batch(["link add bridge type bridge stp_state 0", "link set bridge up"])
    let subnet = Subnet()
    var pods: [Pod] = []
    var ends: [Attachment] = []
    for index in 0..<count {
      let pod = try Pod()
      let (near, far) = (Self.port(index), "eth0")
      try Command(
        "ip",
        ["link", "add", near, "netns", middle.name, "type", "veth", "peer", "name", far, "netns", pod.name]
      ).run().orThrow()
      try middle.batch(["link set \(near) master bridge up"])
      ends.append(try pod.attach(far, subnet, host: index + 1))
      pods.append(pod)
    }
    (self.pods, self.ends) = (pods, ends)
  }

  /// Nothing reaches or leaves this pod any more.
  public func cutOff(_ index: Int) throws { try middle.batch(["link set \(Self.port(index)) down"]) }

  /// It is back.
  public func reconnect(_ index: Int) throws { try middle.batch(["link set \(Self.port(index)) up"]) }

  /// The first pod as the client of the last, for tests that are written for two.
  public func firstAndLast() throws -> TwoPods {
    try TwoPods(client: (pods[0], ends[0]), server: (pods[pods.count - 1], ends[pods.count - 1]))
  }

  private static func port(_ index: Int) -> String { "port\(index)" }
}
