/// The bounds of one session. The defaults are those of `shared/threats.md` where it names them.
public struct SessionLimits: Sendable, Hashable, BitwiseCopyable {
  /// Requests open at once. 100 is what RFC 9113 (section 6.5.2) recommends servers to allow at least.
  public var streams = 100
  /// The largest header list that is taken, measured as RFC 9113 (section 6.5.2) does: that of HTTP/1 heads.
  public var headerListBytes = 64 << 10
  /// Fields in one header list: that of HTTP/1 heads.
  public var headerFields = 100
  /// Bytes the other side may send on one stream before it hears that they were taken. They are taken at once, so nothing of
  /// this size is ever held; a quarter MiB lets a large message arrive in few turns instead of one for each 64 KiB.
  public var streamWindow_bytes: Int32 = 256 << 10
  /// The same for all streams together: room for four that are busy.
  public var connectionWindow_bytes: Int32 = 1 << 20
  /// The largest frame that is taken: the smallest that may be announced. A larger one would save nothing here, and would
  /// be held whole by nghttp2 where it is no DATA.
  public var frame_bytes: UInt32 = 16 << 10
  /// Bytes that may wait on one stream for the other side to read. One message is always taken when nothing waits.
  public var pendingBytes = 1 << 20
  /// Frames in a row that continue one header list; 64 KiB need four.
  public var continuations = 5
  /// Responses before the final one (100 to 199) on one stream: servers send one or two, and each may make 64 KiB of
  /// fields from a few bytes.
  public var informationalResponses = 8
  /// Answers to pings and settings that wait for the other side to read.
  public var unreadAcknowledgements = 100
  /// Entries of one SETTINGS frame: about three times as many as are defined.
  public var settingsEntries = 32
  /// Frames that do nothing (PING, SETTINGS, PRIORITY, RST_STREAM, GOAWAY, DATA without bytes) that may come at once. Those
  /// of an unknown type are skipped by nghttp2 without a word; they cost no more than the reading of their bytes.
  public var controlFrames = 500
  /// How many of those come to be allowed again each second. Servers made of gRPC's C core measure the bandwidth with up
  /// to ten pings a second.
  public var controlFramesPerSecond = 20
  /// RST_STREAM frames that a client may send at once (CVE-2023-44487), and streams it may have us reset. Each stream that
  /// ends in order gives one back, so that a connection which carries many requests may have many of them given up.
  public var resets = 200
  /// How many of those come to be allowed again each second: 200 in 30 s.
  public var resetsPerSecond = 7
  /// Whether a server takes CONNECT for other protocols, such as WebSocket (RFC 8441).
  public var takesExtendedConnect = false

  /// The defaults, which are those of the link to the agent.
  public init() {}

  /// Those of the data path, where neither side is trusted: smaller windows, since what they let in may have to be held while
  /// the other side is slow, and 200 frames that do nothing in 30 s.
  public static let path: SessionLimits = {
    var limits = SessionLimits()
    limits.streamWindow_bytes = 64 << 10
    limits.controlFrames = 200
    limits.controlFramesPerSecond = 7
    return limits
  }()
}
