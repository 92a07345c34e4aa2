/// Why a stream or a whole connection was refused, to be logged and counted: small, and never the other side's own words.
public enum PathRefusal: UInt8, Error, Sendable, BitwiseCopyable, CaseIterable {
  /// Nothing was refused.
  case none
  /// More PING, SETTINGS, PRIORITY, GOAWAY or empty DATA frames than `SessionLimits.controlFrames`.
  case controlFlood
  /// More resets than `SessionLimits.resets`, sent or provoked (CVE-2023-44487, CVE-2025-8671).
  case resetFlood
  /// More answers to PING and SETTINGS wait than `SessionLimits.unreadAcknowledgements`: the other side does not read.
  case unreadAcknowledgements
  /// A header list in more CONTINUATION frames than `SessionLimits.continuations` (CVE-2024-28182).
  case continuationFlood
  /// A header list larger than `SessionLimits.headerListBytes`, however small it was when compressed.
  case headerListTooLarge
  /// A header list of more fields than `SessionLimits.headerFields`.
  case tooManyFields
  /// More responses before the final ones than `SessionLimits.informationalResponses` for each request.
  case tooManyInformational
  /// A field that may not be: a bad name or value, a pseudo-field that is unknown, late or there twice, one that belongs to
  /// HTTP/1 connections (RFC 9113 sections 8.2 and 8.3).
  case invalidField
  /// A message that is none: pseudo-fields that are missing, trailers that do not end the stream, a body of another length
  /// than it said (RFC 9113 section 8.1.1).
  case invalidMessage
  /// More streams at once than `SessionLimits.streams`.
  case tooManyStreams
  /// Compressed fields that cannot be read (RFC 7541).
  case compression
  /// A frame of a size that its type does not have, or above `SessionLimits.frame_bytes`.
  case frameSize
  /// More data than the windows allow, or windows that grow too large.
  case flowControl
  /// A frame on a stream that was ended before.
  case streamClosed
  /// The other side speaks no HTTP/2.
  case preface
  /// Too many entries in one SETTINGS frame.
  case settingsEntries
  /// Another way of breaking RFC 9113.
  case protocolViolation
  /// The caller asks for a stream that is gone, or whose sending side is ended.
  case notOpen
  /// The caller asks for another request where the connection takes no more.
  case noMoreRequests
  /// The caller gives a header list larger than can be sent.
  case outgoingListTooLarge
  /// No memory is left.
  case outOfMemory
  /// A fault of our own.
  case internalFault

  /// What to put in a record: one word of ours.
  public var word: StaticString {
    switch self {
    case .none: "none"
    case .controlFlood: "control-flood"
    case .resetFlood: "reset-flood"
    case .unreadAcknowledgements: "unread-acknowledgements"
    case .continuationFlood: "continuation-flood"
    case .headerListTooLarge: "header-list-too-large"
    case .tooManyFields: "too-many-fields"
    case .tooManyInformational: "too-many-informational"
    case .invalidField: "invalid-field"
    case .invalidMessage: "invalid-message"
    case .tooManyStreams: "too-many-streams"
    case .compression: "compression"
    case .frameSize: "frame-size"
    case .flowControl: "flow-control"
    case .streamClosed: "stream-closed"
    case .preface: "preface"
    case .settingsEntries: "settings-entries"
    case .protocolViolation: "protocol-violation"
    case .notOpen: "not-open"
    case .noMoreRequests: "no-more-requests"
    case .outgoingListTooLarge: "outgoing-list-too-large"
    case .outOfMemory: "out-of-memory"
    case .internalFault: "internal-fault"
    }
  }
}
