import MeshModel
import Testing

/// A block from its text.
func block(_ cidr: String, except: String...) throws -> IPBlock {
  let prefix = try #require(IPPrefix(cidr))
  let holes = try except.map { try #require(IPPrefix($0)) }
  return try #require(IPBlock(prefix, except: holes))
}
