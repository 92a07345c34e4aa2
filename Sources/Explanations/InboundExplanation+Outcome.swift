internal import HTTP1
internal import MeshModel
internal import Policy

extension InboundExplanation {
  mutating func refuse(_ fault: HeadFault) {
    outcome = .malformed
    status = fault.status
    summary = "the proxy answers \(fault.status) without looking further: \(fault.text)"
  }

  /// What comes of token and policies, in that order.
  mutating func conclude(_ verdict: VerdictDescription) {
    if token.outcome == .refused {
      outcome = .unauthenticated
      status = 401
      summary = "its token is refused (\(token.reason)), so it is answered 401"
    } else if verdict.decision == .deny {
      outcome = .denied
      status = 403
      summary = "it is answered 403: \(verdict.reason)"
    } else {
      outcome = .allowed
      summary = "the program gets it" + (arrival.limit.isEmpty ? "" : " while a rate limit has room for it")
    }
  }
}

extension PathHazards {
  /// Each as it is written in a path.
  var words: [String] {
    let known: [(PathHazards, String)] = [
      (.encodedSlash, "%2F"), (.encodedBackslash, "%5C"), (.backslash, "\\"), (.encodedNUL, "%00"), (.semicolon, ";"),
      (.malformedEscape, "% without two hexadecimal digits"),
    ]
    return known.filter { contains($0.0) }.map(\.1)
  }
}
