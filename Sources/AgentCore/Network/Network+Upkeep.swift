/// When this host looks again at what it needs of others: its certificate, the roots, who signs, and its own role.
extension Network {
  /// Seconds between two looks at this host's certificate, which lives a day.
  static let upkeep_s = 30
  /// Milliseconds before what failed is tried again, the first time, which then doubles: who was just seen by gossip opens its
  /// port within a second or two.
  static let firstRetry_ms = 1_000

  /// Looks at all of it again and again, one look at a time, and at once whenever there is news.
  func keep(_ links: NetworkLinks) async {
    while !Task.isCancelled {
      hasNews = false
      failures = await refresh(links) ? 0 : failures + 1
      guard !hasNews else { continue }
      let pause = Task { [pause_ms = Self.pause_ms(failures)] in
        try? await Task.sleep(for: .milliseconds(pause_ms))
      }
      self.pause = pause
      await withTaskCancellationHandler {
        _ = await pause.value
      } onCancel: {
        pause.cancel()
      }
    }
  }

  /// Something is different, so that what failed may go well now. Nobody waits for what comes of it: it asks other hosts.
  func hurry() {
    hasNews = true
    failures = 0
    pause?.cancel()
  }

  /// A host that is there ended a connection of this one's before it said for whom it speaks. It may believe this host's
  /// certificate no more, since its signer has lost the role, and the news of that came too late: connections end two seconds
  /// after it. Who has the role still knows, and is asked at once.
  func turnedAway() {
    let now_ms = Clocks.monotonic_ms
    // Where a look failed, the next is not far. One that went well shows that this host is believed by whom it has to be.
    guard failures == 0, now_ms >= turnedAwayDue_ms else { return }
    turnedAwayDue_ms = now_ms + UInt64(Self.upkeep_s) * 1_000
    rootsDue_s = 0
    hurry()
  }

  /// Some of it by chance, lest a mesh asks its authority in one voice.
  private static func pause_ms(_ failures: Int) -> Int {
    guard failures > 0 else { return upkeep_s * 1_000 }
    let longest_ms = min(firstRetry_ms << min(failures - 1, 16), upkeep_s * 1_000)
    return Int.random(in: longest_ms / 2...longest_ms)
  }
}
