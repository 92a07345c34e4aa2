extension BodyDecoder {
  /// The last `count` bytes of the run that was told last were not used: they are presented again.
  @inline(__always)
  public mutating func giveBack(_ count: Int) {
    guard count > 0 else { return }
    switch place {
    case .unbounded: break
    case .over:
      // The run ended the body, and was a counted one: chunks end by a step of their own.
      place = .counted
      remaining &+= UInt64(count)
    case .chunkEnd:
      place = .chunkData
      remaining &+= UInt64(count)
    default: remaining &+= UInt64(count)
    }
  }
}
