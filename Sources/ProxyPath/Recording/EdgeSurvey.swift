internal import MeshModel
internal import Reactor

/// The edges of one worker.
struct EdgeAnswer: Sendable {
  /// One edge, as it is now.
  struct Seen: Sendable {
    let key: EdgeKey
    let peer: SPIFFEID?
    let requests: UInt64
    let connections: UInt64
    let unused_ms: Int64
  }

  var edges: [Seen] = []
  var folded: UInt64 = 0
}

/// Asks each worker whom it has carried bytes between, and how.
typealias EdgeSurvey = Survey<Void, EdgeAnswer>

extension Worker {
  /// Answers for this worker.
  func report(_ survey: EdgeSurvey) {
    var answer = EdgeAnswer(folded: edges.folded)
    answer.edges.reserveCapacity(edges.count)
    for place in 0..<edges.count {
      let edge = edges[place]
      answer.edges.append(
        EdgeAnswer.Seen(
          key: edge.key,
          peer: edge.peer,
          requests: edge.requests,
          connections: edge.connections,
          unused_ms: Int64(tick &- edge.lastUsed) * Int64(TimerWheel.tick_ms)
        )
      )
    }
    survey.answer(answer)
  }
}

extension EdgeAnswer {
  /// What all workers have seen, each edge once.
  static func sum(_ answers: [EdgeAnswer]) -> EdgeAnswer {
    var sum = EdgeAnswer(folded: answers.reduce(0) { $0 &+ $1.folded })
    for edge in answers.flatMap(\.edges) {
      guard let place = sum.edges.firstIndex(where: { $0.key == edge.key && $0.peer == edge.peer }) else {
        sum.edges.append(edge)
        continue
      }
      let known = sum.edges[place]
      sum.edges[place] = Seen(
        key: known.key,
        peer: known.peer,
        requests: known.requests &+ edge.requests,
        connections: known.connections &+ edge.connections,
        unused_ms: min(known.unused_ms, edge.unused_ms)
      )
    }
    return sum
  }
}
