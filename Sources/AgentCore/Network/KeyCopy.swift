internal import MeshModel

/// Another live agent that has this host's name and key: its disk is a copy of this one's, or the other way round.
struct KeyCopy: Hashable, Sendable {
  /// Where it is, as its hello showed.
  let ip: IPAddress
  /// Whether gossip has this host give way to it: the others reach that one under the name.
  var isTheOne: Bool

  /// What an operator has to know and do.
  func warning(_ name: String) -> String {
    let what =
      "two hosts have the name \(name) and one key: this one and the one at \(ip); one's disk is a copy of the other's"
    let whichIsHeard =
      isTheOne
      ? "The others reach that one, so this one tells them nothing and takes no documents"
      : "The others reach this one"
    return
      "\(what). \(whichIsHeard). On the one that is the copy, stop the agent, empty its data directory, and start it with "
      + "--host-name, another name, and --join and a token"
  }
}
