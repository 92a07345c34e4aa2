internal import CPCRE2

/// A regular expression of a route, compiled once: of a path, a header field's value or a query parameter's.
///
/// It is PCRE2's dialect on bytes, and must match the whole text, as RE2 does in Envoy. What people write for Envoy means
/// the same here; the few spellings that only RE2 knows are refused when the pattern is compiled. The compiled code is
/// not turned into machine code: that would need memory that is both written and run, and a route's patterns are short.
public final class PathPattern: @unchecked Sendable {
  // Unchecked, since both pointers are only read from once `init` returns: PCRE2 promises that a compiled pattern and a
  // match context may be used by many threads at once.
  private let code: OpaquePointer
  private let limits: OpaquePointer

  /// Compiles `text`; nil where `problem` finds something.
  public init?(_ text: String) {
    guard Self.syntaxProblem(text) == nil, case .compiled(let code) = Self.compile(text) else { return nil }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      return nil
    }
    pcre2_set_match_limit_8(limits, PatternLimit.steps)
    pcre2_set_depth_limit_8(limits, PatternLimit.depth)
    pcre2_set_heap_limit_8(limits, PatternLimit.heap_KiB)
    self.code = code
    self.limits = limits
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_code_free_8(code)
  }

  /// What is wrong with a pattern, as a clause with the place; nil where it can be used.
  public static func problem(_ text: String) -> String? {
    if let problem = syntaxProblem(text) { return problem }
    switch compile(text) {
    case .compiled(let code):
      pcre2_code_free_8(code)
      return nil
    case .refused(let message): return message
    }
  }

  /// Whether the whole of `subject` matches. Takes bounded time, however pattern and subject were chosen.
  public func match(_ subject: UnsafeRawBufferPointer, _ scratch: PatternScratch) -> PatternOutcome {
    // An empty buffer may have no address, which PCRE2 takes for a mistake where it expects a subject.
    let empty: StaticString = ""
    let bytes = subject.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty.utf8Start
    let found = pcre2_match_8(code, bytes, subject.count, 0, 0, scratch.data, limits)
    // Zero is a match too: it says that there were more groups than the scratch has room for, and none is asked for.
    return found >= 0 ? .matches : found == PCRE2_ERROR_NOMATCH ? .no : .failed
  }

  /// Bytes beyond ASCII would be single characters to a user and several to the matcher, so they are refused.
  private static func syntaxProblem(_ text: String) -> String? {
    guard text.utf8.count <= PatternLimit.bytes else {
      return "has \(text.utf8.count) bytes, more than the \(PatternLimit.bytes) allowed"
    }
    guard let odd = text.unicodeScalars.firstIndex(where: { !$0.isASCII || $0.value == 0 }) else { return nil }
    let place = text.unicodeScalars.distance(from: text.unicodeScalars.startIndex, to: odd)
    return "has a character that is not ASCII at offset \(place); write its bytes as \\xHH"
  }

  private enum Compilation {
    case compiled(OpaquePointer)
    case refused(String)
  }

  private static func compile(_ text: String) -> Compilation {
    let bytes = Array(text.utf8)
    var error: Int32 = 0
    var offset = 0
    // No `(*UTF)` at a pattern's beginning: it would make subjects that are not UTF-8 errors. No `\C` for the same reason.
    let options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C
    if let code = pcre2_compile_8(bytes, bytes.count, options, &error, &offset, nil) { return .compiled(code) }
    var message = [UInt8](repeating: 0, count: PatternLimit.messageBytes)
    let count = pcre2_get_error_message_8(error, &message, message.count)
    let reason = count > 0 ? String(decoding: message.prefix(Int(count)), as: UTF8.self) : "error \(error)"
    return .refused("is not a regular expression: \(reason) at offset \(offset)")
  }
}

/// What matching a text came to.
public enum PatternOutcome: Hashable, Sendable, BitwiseCopyable {
  case matches
  case no
  /// The matcher gave up at one of its limits, or has no memory. A route takes it for no match; a policy that allows must,
  /// too, and one that denies must take it for a match.
  case failed
}

/// The bounds of patterns and of matching them.
public enum PatternLimit {
  /// The longest pattern; Gateway API allows 1,024 characters for a path.
  public static let bytes = 1_024
  /// How often the matcher may try another way for one text. Honest patterns need a few for each byte; one that
  /// explodes (`(a+)+`) is stopped after about a millisecond.
  public static let steps: UInt32 = 50_000
  /// How deep ways may nest.
  public static let depth: UInt32 = 10_000
  /// Memory for the ways still open, in KiB: some 4,000 of them. A worker keeps what one match has needed, so this is
  /// also what hostile paths can make each worker hold.
  public static let heap_KiB: UInt32 = 512
  /// Longest message of PCRE2's that is shown; its own longest is about half of it.
  static let messageBytes = 256
}

/// What a worker lends to every match, so that none allocates: PCRE2's working memory. It belongs to one thread.
public final class PatternScratch {
  /// Nil where there was no memory for it: PCRE2 then refuses to match (`PCRE2_ERROR_NULL`), and every outcome is
  /// `failed`.
  fileprivate let data: OpaquePointer?

  /// Working memory for one thread.
  public convenience init() {
    // One pair of offsets, since nobody asks what groups matched.
    self.init(pcre2_match_data_create_8(1, nil))
  }

  init(_ data: OpaquePointer?) { self.data = data }

  deinit { pcre2_match_data_free_8(data) }
}
