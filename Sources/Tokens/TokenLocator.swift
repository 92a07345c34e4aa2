public import HTTP1
internal import MeshModel

/// A token that a request carries, unverified.
public struct FoundToken {
  /// Its bytes, within the head's.
  public let token: UnsafeRawBufferPointer
  /// Where it stood, so that it can be left out where the rule does not pass it on.
  public let place: Place
  let placeIndex: Int

  /// What holds it.
  public enum Place: Equatable, Sendable, BitwiseCopyable {
    /// The field of this index in the head's table.
    case field(Int)
    /// Bytes of the target: the parameter with the `&` that parts it from its neighbour, or with the `?` where it is
    /// the only one. Without them the target is that of the same request without token.
    case parameter(ByteRange)
  }
}

/// What looking for a token came to.
public enum TokenSearch {
  case none
  case found(FoundToken)
  /// There are several. Istio leaves undefined which counts; we refuse (`TokenFault.severalTokens`).
  case several
}

/// The places of a request where tokens are looked for, of all rules together.
public struct TokenLocator: Sendable {
  private enum Kind: Hashable, Sendable {
    /// `authorization` with the scheme Bearer (RFC 6750 section 2.1), whose case does not matter.
    case bearer
    case header(name: [UInt8], prefix: [UInt8])
    /// A query parameter (RFC 6750 section 2.3).
    case parameter([UInt8])
  }

  private struct Place: Sendable {
    let kind: Kind
    var rules: [Int]
  }

  private var places: [Place] = []

  /// The places of `rules`; those of a rule that names none are `authorization: Bearer` and the parameter `access_token`.
  init(_ rules: [RequestAuthentication.Rule]) {
    for (index, rule) in rules.enumerated() {
      guard !rule.fromHeaders.isEmpty || !rule.fromParameters.isEmpty else {
        add(.bearer, index)
        add(.parameter(Array("access_token".utf8)), index)
        continue
      }
      for location in rule.fromHeaders {
        let isBearer = location.name.lowercased() == "authorization" && location.prefix == "Bearer "
        add(
          isBearer
            ? .bearer : .header(name: Array(location.name.lowercased().utf8), prefix: Array(location.prefix.utf8)),
          index
        )
      }
      for name in rule.fromParameters { add(.parameter(Array(name.utf8)), index) }
    }
  }

  private mutating func add(_ kind: Kind, _ rule: Int) {
    if let index = places.firstIndex(where: { $0.kind == kind }) {
      if places[index].rules.last != rule { places[index].rules.append(rule) }
    } else {
      places.append(Place(kind: kind, rules: [rule]))
    }
  }

  /// The rules that look at the place of `found`.
  func rules(of found: FoundToken) -> [Int] { places[found.placeIndex].rules }

  /// Whether a rule looks at the place of `found`.
  func looks(for rule: Int, at found: FoundToken) -> Bool { places[found.placeIndex].rules.contains(rule) }

  /// Looks at every place. It does not allocate.
  public func find(in head: borrowing RequestHead) -> TokenSearch {
    var search = Search()
    for index in places.indices {
      switch places[index].kind {
      case .bearer: findBearer(index, head, &search)
      case .header(let name, let prefix): findField(name, prefix, index, head, &search)
      case .parameter(let name): if head.hasQuery { findParameter(name, index, head, &search) }
      }
    }
    if search.isSeveral { return .several }
    return search.found.map { .found($0) } ?? .none
  }

  /// One token, or more than one.
  private struct Search {
    var found: FoundToken?
    var isSeveral = false

    mutating func add(_ token: UnsafeRawBufferPointer, _ place: FoundToken.Place, _ index: Int) {
      // The same bytes may be found by two rules' places, such as one field with two prefixes that both fit.
      if let found, found.token.baseAddress == token.baseAddress, found.token.count == token.count { return }
      if found == nil { found = FoundToken(token: token, place: place, placeIndex: index) } else { isSeveral = true }
    }
  }

  private func findBearer(_ place: Int, _ head: borrowing RequestHead, _ search: inout Search) {
    var next = head.fields.first(.authorization)
    while let index = next {
      if let token = Self.bearerToken(head.fields.value(at: index)) { search.add(token, .field(index), place) }
      next = head.fields.next(.authorization, from: index + 1)
    }
  }

  /// What follows the scheme Bearer and its spaces; nil for any other scheme.
  private static func bearerToken(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    let scheme: StaticString = "bearer"
    let count = scheme.utf8CodeUnitCount
    guard value.count > count, value[count] == 0x20 else { return nil }
    for index in 0..<count where value[index] | 0x20 != scheme.utf8Start[index] { return nil }
    return UnsafeRawBufferPointer(rebasing: value.dropFirst(count).drop { $0 == 0x20 })
  }

  private func findField(
    _ name: [UInt8],
    _ prefix: [UInt8],
    _ place: Int,
    _ head: borrowing RequestHead,
    _ search: inout Search
  ) {
    name.withUnsafeBytes { name in
      var next = head.fields.firstIndex(named: name)
      while let index = next {
        let value = head.fields.value(at: index)
        if value.starts(with: prefix), value.count > prefix.count {
          search.add(UnsafeRawBufferPointer(rebasing: value.dropFirst(prefix.count)), .field(index), place)
        }
        next = head.fields.firstIndex(named: name, from: index + 1)
      }
    }
  }

  /// Names are compared as they are written: a name in escapes is another one, and then the request has no token.
  private func findParameter(
    _ name: [UInt8],
    _ place: Int,
    _ head: borrowing RequestHead,
    _ search: inout Search
  ) {
    let query = head[head.query]
    var start = 0
    while start < query.count {
      let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
      let parameter = query[start..<end]
      if parameter.count > name.count, parameter.starts(with: name), parameter[start + name.count] == 0x3d {
        let token = UnsafeRawBufferPointer(rebasing: parameter.dropFirst(name.count + 1))
        let cut = Self.cut(start..<end, of: head.query)
        if !token.isEmpty { search.add(token, .parameter(cut), place) }
      }
      start = end + 1
    }
  }

  /// The bytes to leave out: with the `?` or `&` before it, or for the first of several with the `&` behind it.
  private static func cut(_ parameter: Range<Int>, of query: ByteRange) -> ByteRange {
    let isFirst = parameter.lowerBound == 0
    let isLast = parameter.upperBound == Int(query.count)
    let before = isFirst && !isLast ? 0 : 1
    let behind = isFirst && !isLast ? 1 : 0
    return ByteRange(
      start: query.start + UInt16(parameter.lowerBound) - UInt16(before),
      count: UInt16(parameter.count + before + behind)
    )
  }
}
