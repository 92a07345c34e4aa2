extension Service {
  /// The host names by which a document can mean it beside its own name, the most specific first: its `hosts` that are whole,
  /// then `*.` before ever fewer of their labels (as Istio finds a DestinationRule).
  public var hostPatterns: [String] {
    guard !hosts.isEmpty else { return [] }
    var patterns = Set(hosts)
    for host in hosts {
      for dot in host.indices where host[dot] == "." { patterns.insert("*" + host[dot...]) }
    }
    return patterns.sorted { left, right in
      let (isLeftWild, isRightWild) = (left.hasPrefix("*"), right.hasPrefix("*"))
      if isLeftWild != isRightWild { return isRightWild }
      return left.utf8.count != right.utf8.count ? left.utf8.count > right.utf8.count : left < right
    }
  }
}
