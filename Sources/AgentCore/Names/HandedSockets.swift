internal import DNS
internal import Kernel
internal import MeshModel
internal import NameService

/// What a proxy handed over, found to be what it should be: its pod's sockets for names.
struct HandedSockets {
  /// The proxy's name, for the log.
  let proxy: String
  let sockets: [BoundSocket]

  /// Why they are not taken.
  struct Refusal: Error, Hashable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// Takes the descriptors over: what is refused is closed.
  ///
  /// A socket is what the kernel says it is. Others than those of capture's port on loopback are none of the agent's
  /// business: it would answer for whoever made them to whoever they listen to.
  init(_ greeting: [UInt8], _ descriptors: [Int32]) throws(Refusal) {
    let owned = descriptors.map(Owned.init)
    proxy = try Self.proxy(greeting)
    guard owned.count <= PodNamesLimit.sockets else {
      throw Refusal("\(owned.count) sockets came, and a pod has at most \(PodNamesLimit.sockets)")
    }
    let natures = owned.map { $0.nature() }
    for nature in natures {
      guard let nature, nature.address.ip.isNamesLoopback, nature.address.port == AgentSettings.namePort else {
        throw Refusal(
          "a socket is not UDP or listening TCP of port \(AgentSettings.namePort) on 127.0.0.1 or ::1 but "
            + (nature.map { "\($0.address)" } ?? "something else")
        )
      }
    }
    let found = natures.compactMap(\.self)
    guard Set(found).count == found.count else { throw Refusal("a socket came twice") }
    guard !found.isEmpty, found.count { $0.transport == .udp } * 2 == found.count else {
      throw Refusal("UDP and TCP belong together, and \(found.count) sockets came without the other")
    }
    sockets = zip(owned, found).map {
      BoundSocket(
        descriptor: $0.release(),
        address: $1.address,
        transport: $1.transport == .udp ? .udp : .tcp
      )
    }
  }

  /// `names 1 NAME`: what is wanted, in which version, and who wants it.
  private static func proxy(_ greeting: [UInt8]) throws(Refusal) -> String {
    let words = String(decoding: greeting, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard words.count == 3, words[0] == "names" else { throw Refusal("that is no proxy with sockets for names") }
    guard words[1] == "1" else {
      throw Refusal("this agent does not know version \(words[1].prefix(8)) of the handover")
    }
    guard words[2].utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) else { throw Refusal("the proxy's name is no text") }
    return String(words[2])
  }

  /// Closes its descriptor unless it is released.
  private final class Owned {
    private var held: Kernel.FileDescriptor?

    init(_ raw: Int32) { held = Kernel.FileDescriptor(owning: raw) }

    /// What it is, while it is held.
    func nature() -> SocketNature? {
      guard let descriptor = held.take() else { return nil }
      let found = descriptor.nature
      held = consume descriptor
      return found
    }

    func release() -> Int32 { held.take()?.release() ?? -1 }
  }
}

extension IPAddress {
  /// Where capture redirects to (REDIRECT in OUTPUT): 127.0.0.1 and ::1.
  fileprivate var isNamesLoopback: Bool { self == IPAddress(v4: 0x7f00_0001) || self == IPAddress(high: 0, low: 1) }
}
