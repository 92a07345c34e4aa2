internal import HTTP1
internal import MeshModel
internal import Policy

/// What was decided of a request before anything is sent: where it goes, and how it is changed on the way.
struct RequestPlan {
  /// The table that knows the rule; nil where no document applies.
  var table: RequestTable?
  /// The route's rule; -1 where none is used.
  var rule = -1
  /// The entry of the rule's backends that was drawn; -1 for none.
  var backendEntry = -1
  /// The path as it is forwarded, before a rewrite: as it came, or normalised.
  var path: UnsafeRawBufferPointer
  /// The target is written anew: the path was normalised, or the route rewrites it.
  var rewritesTarget = false
  /// Bytes of the target that are left out: a token that is not passed on.
  var cut = ByteRange.none
  /// The mesh knows who is asked: the request gets the mesh's fields.
  var isKnown = false
  /// It was asked for by a name of the mesh: an absolute target is meant for the server itself, not for a proxy behind it.
  var isNamed = false
  /// The verified token whose claims the program is told.
  var token: Unmanaged<VerifiedToken>?
  /// Injected before the request goes on; 0: none.
  var delay_ns: UInt64 = 0
}

/// What becomes of a request: it goes on, or it is answered here.
enum RequestDecision {
  case forward(RequestPlan)
  case answer(LocalAnswer)
}

/// An answer of the proxy's own.
struct LocalAnswer: BitwiseCopyable {
  var status: UInt16
  var end: RequestEnd
  var flags: ResponseFlags = []
  /// Seconds for Retry-After; nil: none.
  var retryAfter_s: UInt32?
  /// The rule whose redirect is the answer; -1 for none.
  var redirectRule: Int32 = -1
  /// The token that was not right is told of as RFC 6750 section 3 wants it.
  var asksForToken = false
}
