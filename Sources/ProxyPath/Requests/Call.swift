internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

// A request whose content is `application/grpc` is a call: it says how long it may take, and what it came to is told behind
// its messages, or in place of them (gRPC over HTTP/2, in the form that HTTP/1.1 has of it). Everything here is asked for
// only where `Exchange.isGRPC` holds.

extension Worker {
  /// A call goes on: it may take as long as its client waits, or as its route says, whichever is less.
  func boundCall(_ exchange: UnsafeMutablePointer<Exchange>) {
    guard let index = http.request.fields.firstIndex(named: Self.timeoutName),
      let timeout = GRPCTimeout(http.request.fields.value(at: index))
    else { return }
    let (end_ns, overflow) = exchange.pointee.started_ns.addingReportingOverflow(timeout.nanoseconds)
    guard !overflow, exchange.pointee.deadline_ns == 0 || end_ns < exchange.pointee.deadline_ns else { return }
    exchange.pointee.deadline_ns = end_ns
  }

  /// Writes what a call has beside other requests: the time that is left, for the server to give up in time too.
  func putCall(_ exchange: borrowing Exchange, into writer: inout HeadWriter) {
    // What cannot be read as a time is the server's to judge, as without us.
    guard exchange.deadline_ns > 0 else { return }
    while let index = http.request.fields.firstIndex(named: Self.timeoutName) { http.request.fields.drop(at: index) }
    writer.put(GRPCTimeout(nanoseconds: exchange.deadline_ns > now_ns ? exchange.deadline_ns &- now_ns : 1))
  }

  /// A call that was composed a while ago goes out: its server is told what is left of its time by now.
  func tellTimeLeft(_ exchange: UnsafeMutablePointer<Exchange>) {
    guard exchange.pointee.deadline_ns > 0 else { return }
    let left_ns = exchange.pointee.deadline_ns > now_ns ? exchange.pointee.deadline_ns &- now_ns : 1
    exchange.pointee.replay.tell(GRPCTimeout(nanoseconds: left_ns))
  }

  private static var timeoutName: StaticString { "grpc-timeout" }

  /// The head of what may be a call's answer is here: without a body it is all of it, and says what the call came to.
  func noteCallHead(_ exchange: UnsafeMutablePointer<Exchange>, _ framing: ResponseFraming) {
    exchange.pointee.event.grpcCode =
      framing == .none || framing == .length(0) ? http.response.fields.grpcCode : nil
  }

  /// The answer's last byte is here, and its trailers lie where they were parsed, if there were any.
  func noteCallTrailers(_ exchange: UnsafeMutablePointer<Exchange>) {
    if exchange.pointee.event.grpcCode == nil { exchange.pointee.event.grpcCode = http.response.fields.grpcCode }
  }

  /// An answer that does not say what the call came to is `unknown` to the client. Other statuses than 200 speak for
  /// themselves.
  func settleCall(_ exchange: UnsafeMutablePointer<Exchange>) {
    guard exchange.pointee.event.grpcCode == nil, exchange.pointee.event.status == 200 else { return }
    exchange.pointee.event.grpcCode = .unknown
  }

  /// Whether the answer whose head is here says that its server cannot be had. What a proxy of the mesh says of others is not
  /// the endpoint's fault.
  func isUnavailable(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    exchange.pointee.event.grpcCode == .unavailable && http.response.fields.first(.xWeftReason) == nil
  }
}
