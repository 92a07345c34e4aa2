// The lists of a source and an operation, each with the name that documents and snapshots have for it: who reads, writes
// or checks all of them goes by these tables, and none is forgotten in one place.

extension AuthorizationPolicy.Source {
  /// The names of its lists, in documents as in snapshots.
  public enum Term: String, CodingKey, CaseIterable {
    case principals, notPrincipals, requestPrincipals, notRequestPrincipals, namespaces, notNamespaces
    case ipBlocks, notIPBlocks = "notIpBlocks", remoteIPBlocks = "remoteIpBlocks"
    case notRemoteIPBlocks = "notRemoteIpBlocks"
  }

  /// The lists of names.
  public static let texts: [(Term, any WritableKeyPath<Self, [TextMatch]> & Sendable)] = [
    (.principals, \.principals), (.notPrincipals, \.notPrincipals),
    (.requestPrincipals, \.requestPrincipals), (.notRequestPrincipals, \.notRequestPrincipals),
    (.namespaces, \.namespaces), (.notNamespaces, \.notNamespaces),
  ]

  /// The lists of addresses.
  public static let blocks: [(Term, any WritableKeyPath<Self, [IPPrefix]> & Sendable)] = [
    (.ipBlocks, \.ipBlocks), (.notIPBlocks, \.notIPBlocks),
    (.remoteIPBlocks, \.remoteIPBlocks), (.notRemoteIPBlocks, \.notRemoteIPBlocks),
  ]
}

extension AuthorizationPolicy.Operation {
  /// The names of its lists, in documents as in snapshots.
  public enum Term: String, CodingKey, CaseIterable {
    case hosts, notHosts, ports, notPorts, methods, notMethods, paths, notPaths
  }

  /// The lists of words.
  public static let texts: [(Term, any WritableKeyPath<Self, [TextMatch]> & Sendable)] = [
    (.hosts, \.hosts), (.notHosts, \.notHosts), (.methods, \.methods), (.notMethods, \.notMethods),
    (.paths, \.paths), (.notPaths, \.notPaths),
  ]

  /// The lists of port numbers.
  public static let numbers: [(Term, any WritableKeyPath<Self, [UInt16]> & Sendable)] = [
    (.ports, \.ports), (.notPorts, \.notPorts),
  ]
}
