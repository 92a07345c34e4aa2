/// What happened to a call.
public enum GRPCEvent: Sendable, Equatable {
  /// The server sent a message.
  case message(GRPCCall, [UInt8])
  /// The call is over, and its last event.
  case ended(GRPCCall, GRPCStatus)
}
