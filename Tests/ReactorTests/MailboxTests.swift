import Kernel
import Reactor
import Synchronization
import Testing

@Suite struct MailboxTests {
  /// Letters alive: each counts itself in and out.
  final class Desk: Sendable {
    let alive = Atomic<Int>(0)
  }

  final class Letter: Sendable {
    let sender: Int
    let number: Int
    private let desk: Desk
    init(_ sender: Int, _ number: Int, _ desk: Desk) {
      self.sender = sender
      self.number = number
      self.desk = desk
      desk.alive.add(1, ordering: .relaxed)
    }
    deinit { desk.alive.subtract(1, ordering: .relaxed) }
  }

  @Test("Letters of several threads arrive all, those of each in the order it sent them, and are freed when read")
  func severalSenders() throws {
    let (senders, each) = (4, 5000)
    let desk = Desk()
    let mailbox = try Mailbox<Letter>()
    let loop = try Epoll()
    mailbox.watch(by: loop, token: Token(rawValue: 42))
    let sending = try Crew(senders) { sender in
      for number in 0..<each { mailbox.send(Letter(sender, number, desk)) }
    }
    var next = [Int](repeating: 0, count: senders)
    var (received, disorder) = (0, 0)
    while received < senders * each {
      // The limit is for a mailbox that forgets to wake; it is not waited for otherwise.
      guard loop.wait(timeout_ms: 30_000) == 1 else {
        Issue.record("no wake-up though \(senders * each - received) letters are missing")
        break
      }
      #expect(loop.event(0).token == 42)
      for letter in mailbox.takeAll() {
        if letter.number != next[letter.sender] { disorder += 1 }
        next[letter.sender] = letter.number + 1
        received += 1
      }
    }
    sending.join()
    #expect(disorder == 0)
    #expect(mailbox.takeAll().isEmpty)
    #expect(loop.wait(timeout_ms: 0) == 0, "nothing is left to wake for")
    #expect(desk.alive.load(ordering: .relaxed) == 0)
  }

  @Test("Letters that nobody reads are freed with the mailbox")
  func unread() throws {
    let desk = Desk()
    do {
      let mailbox = try Mailbox<Letter>()
      for number in 0..<10 { mailbox.send(Letter(0, number, desk)) }
      #expect(desk.alive.load(ordering: .relaxed) == 10)
      #expect(mailbox.takeAll().map(\.number) == Array(0..<10))
      #expect(desk.alive.load(ordering: .relaxed) == 0)
      for number in 0..<10 { mailbox.send(Letter(0, number, desk)) }
    }
    #expect(desk.alive.load(ordering: .relaxed) == 0)
  }

  /// Several threads that run the same work, each with its number.
  private final class Crew {
    private final class Member {
      var thread: Thread?
      init(_ thread: consuming Thread) { self.thread = consume thread }
    }
    private var members: [Member] = []

    init(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) throws {
      for number in 0..<count { members.append(Member(try Thread("crew-\(number)") { work(number) })) }
    }

    func join() {
      for member in members { member.thread.take()?.join() }
    }
  }
}
