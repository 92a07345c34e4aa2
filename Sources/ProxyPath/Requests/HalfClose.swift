internal import Kernel
internal import MeshModel
internal import Reactor

/// A FIN in the midst of an exchange says that the client sends no more, and not whether it still reads: `nc -N` does, a
/// program that has closed does not, and the proxy would learn that only by writing. Programs of this pod have their
/// sockets in our own network namespace, so the kernel knows (docs/decisions/0056). A client elsewhere cannot be asked.
extension Worker {
  /// A client's FIN has come. Told of it again and again, with whatever else becomes of the socket.
  func noteFIN(_ client: UnsafeMutablePointer<HTTPClient>) {
    // A stream ends with its request, and says nothing of the socket.
    guard !client.pointee.hasSentFIN, client.pointee.direction == .outbound, !client.pointee.isMessage else { return }
    client.pointee.hasSentFIN = true
    if let exchange = http.exchanges.pointer(client.pointee.exchange) { inquireLater(client, exchange) }
  }

  /// An exchange is open whose client has sent its FIN.
  func inquireLater(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) {
    exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.first_ns
    arm(client.pointee.exchange, exchange)
  }

  /// Asks whether the client has closed its socket. Where it has not, or cannot be asked now, the next question is set.
  func hasClosed(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    switch socketAnswer(client) {
    case .closed: return true
    case .held: exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.next_ns
    // A closed socket leaves the kernel's table in time. One that was never found may not be of this namespace.
    case .absent where client.pointee.seen != .never: return true
    case .absent, .unknown: exchange.pointee.inquiry_ns = 0
    case .notNow: exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.postponed_ns
    }
    return false
  }

  /// What the kernel says of the client's socket; where it knows none by the client's port, of all that may be it. Conntrack
  /// gives a connection another source port where two from one port would look alike behind REDIRECT, and that is the port
  /// that we see.
  private func socketAnswer(_ client: UnsafeMutablePointer<HTTPClient>) -> ClientInquiry.Answer {
    let (source, destination) = (client.pointee.source, client.pointee.destination)
    var answer = ClientInquiry.Answer.absent
    if client.pointee.seen != .amongOthers {
      answer = inquiry.ask(source: source, destination: destination, now_ns: now_ns)
      if case .held = answer { client.pointee.seen = .itself }
    }
    guard case .absent = answer, client.pointee.seen != .itself else { return answer }
    answer = inquiry.search(source: source.ip, destination: destination, now_ns: now_ns)
    if case .held = answer { client.pointee.seen = .amongOthers }
    return answer
  }
}
