import ArgumentParser
import Glibc
import MeshDocuments
import MeshModel

/// `weft top`: which services are asked, how often, how well and how fast?
struct Top: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows requests a second, success and latency by service and route, live.",
    discussion: """
      Rates are those since the last look; a success is an answer below 500; latency is the time to the first byte, read \
      off buckets. On a terminal the table is refreshed in place until Ctrl-C; elsewhere, and with -o json, each look \
      is printed by itself.
      """
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("Seconds between two looks.", valueName: "seconds"))
  var interval = 1

  @Flag(help: "Look twice, print what was between, and end.")
  var once = false

  func validate() throws {
    guard (1...3600).contains(interval) else { throw ValidationError("--interval \(interval) is not from 1 to 3600") }
  }

  func run() throws {
    var watched = try options.proxies().map { WatchedProxy(proxy: $0) }
    for index in watched.indices { _ = watched[index].look() }
    // None of them answers: say so as every other verb does, instead of waiting for one that may.
    if let failure = CommandFailure(watched.compactMap(\.failure)), watched.allSatisfy({ $0.failure != nil }) {
      throw failure
    }
    let screen = TopScreen(output: format.output)
    screen.clear()
    repeat {
      sleep(UInt32(interval))
      let rates = watched.indices.compactMap { watched[$0].look() }
      try screen.show(rates, notes: watched.flatMap(\.notes))
      if let code = watched.compactMap(\.failure?.exitCode).max(), once || watched.allSatisfy({ $0.failure != nil }) {
        throw ExitCode(code)
      }
    } while !once
  }
}

/// One proxy and what it counted when it was last looked at.
struct WatchedProxy {
  let proxy: ProxySocket
  private(set) var last: RequestTotals?
  /// Why it did not answer the last time.
  private(set) var failure: CommandFailure?
  /// What cannot be known of it this time.
  private(set) var notes: [String] = []

  init(proxy: ProxySocket) { self.proxy = proxy }

  /// What happened since the last look; nil where that cannot be told.
  mutating func look() -> RequestRates? {
    failure = nil
    notes = []
    do throws(CommandFailure) {
      return take(try proxy.client.get(.requests, as: RequestTotals.self))
    } catch {
      failure = error
      notes = error.lines
      last = nil
      return nil
    }
  }

  mutating func take(_ now: RequestTotals) -> RequestRates? {
    defer { last = now }
    guard let last else { return nil }
    guard let rates = RequestRates(proxy: proxy.name, last, now) else {
      notes.append("proxy \(proxy.name) was started anew: the next look tells more")
      return nil
    }
    if rates.folded > 0 {
      notes.append("proxy \(proxy.name) has no series left for more services and routes: they are under \"other\"")
    }
    return rates
  }
}

/// Where `weft top` prints: over what it printed before on a terminal, below it anywhere else.
struct TopScreen {
  let output: OutputFormat
  private let isInPlace: Bool
  private let style = Style.ofStandardOutput

  init(output: OutputFormat) {
    self.output = output
    isInPlace = output == .table && style.isColoured
  }

  func clear() { if isInPlace { print("\u{1b}[2J", terminator: "") } }

  func show(_ rates: [RequestRates], notes: [String]) throws {
    switch output {
    case .json: print(String(decoding: try AdminJSON.encode(rates), as: UTF8.self))
    case .yaml: print("---\n\(try YAMLText.encode(rates))", terminator: "")
    case .table where isInPlace:
      let warnings = notes.map { "\(style.bad("!")) \(Printable.text($0))\n" }
      let text = TopTable(rates: rates, maxRows: rows(without: warnings.count)).text(style) + warnings.joined()
      // Home, each line with its old rest erased, and everything below too: no flicker.
      print("\u{1b}[H" + text.split(separator: "\n").map { "\($0)\u{1b}[K\n" }.joined() + "\u{1b}[J", terminator: "")
    case .table: print(TopTable(rates: rates).text(style))
    }
    if !isInPlace { for note in notes { StandardError.write("weft: \(note)") } }
    try StandardOutput.flush()
  }

  /// The lines of the terminal that are left for rows: beside the notes there are headings, a count and the cursor's line.
  private func rows(without notes: Int) -> Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
    return max(1, Int(size.ws_row) - notes - 3)
  }
}
