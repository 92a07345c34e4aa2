internal import ArgumentParser
internal import Interception

/// Says what is captured and what is not.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say what is captured and what is not, with packet counters."
  )

  @OptionGroup var place: PlaceFlags

  func run() throws {
    _ = try place.requestedBackend()
    try place.enter()
    let status = try CaptureStatus.read()
    if place.json {
      try JSONOutput.show(ShownStatus(status))
    } else {
      show(status)
    }
  }

  private func show(_ status: CaptureStatus) {
    for family in status.families {
      print("\(family.family.rawValue): \(words(family)) (\(family.backend.rawValue))")
      let met = family.counters.filter { $0.packets > 0 }
      for counter in met { print("  \(counter.packets) packets: \(counter.purpose)") }
    }
    for family in status.untouched { print("\(family.rawValue): NOT captured; all its traffic passes by the proxy") }
    for line in status.exceptions { print("- \(line)") }
  }

  private func words(_ family: CaptureStatus.FamilyStatus) -> String {
    let state =
      switch family.mode {
      case .capture: family.capturesNames ? "TCP and DNS are captured" : "TCP is captured"
      case .refuse: "TCP that would be captured is refused"
      case nil: "there are rules of weft, of unknown options"
      }
    return family.intact ? state : "\(state), but the rules were CHANGED since; run weft-capture verify"
  }
}

/// `status --json`.
private struct ShownStatus: Encodable {
  struct Shown: Encodable {
    let family: String
    let backend: String
    let mode: String?
    let capturesNames: Bool
    let intact: Bool
    let packets: [String: UInt64]
  }
  let families: [Shown]
  let untouched: [String]
  let exceptions: [String]

  init(_ status: CaptureStatus) {
    families = status.families.map { family in
      Shown(
        family: family.family.rawValue,
        backend: family.backend.rawValue,
        mode: family.mode?.rawValue,
        capturesNames: family.capturesNames,
        intact: family.intact,
        packets: Dictionary(family.counters.map { ($0.purpose, $0.packets) }, uniquingKeysWith: +)
      )
    }
    untouched = status.untouched.map(\.rawValue)
    exceptions = status.exceptions
  }
}
