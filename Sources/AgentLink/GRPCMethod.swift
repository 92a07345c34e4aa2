/// A remote procedure by its service's full name and its own, as `weft.agent.v1.Agent` and `Status`.
public struct GRPCMethod: Hashable, Sendable, CustomStringConvertible {
  /// The service with its package.
  public let service: String
  /// The method's name in the service.
  public let name: String

  /// A method by names, which must be those of a .proto file: they are not escaped.
  public init(service: String, name: String) {
    self.service = service
    self.name = name
  }

  /// As in the `:path` of a request.
  public var path: String { "/\(service)/\(name)" }

  /// As people write it: `service/name`.
  public var description: String { "\(service)/\(name)" }
}

/// One call of a method on one connection.
public struct GRPCCall: Hashable, Sendable, BitwiseCopyable {
  /// Its number on its connection, not used again there.
  public let number: Int32

  init(number: Int32) { self.number = number }
}
