// Public, since options of these types make their conformances public.
public import ArgumentParser
import Glibc
public import MeshModel

/// `weft tap`: which requests go through proxies, now?
struct Tap: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows requests as they end, live.",
    discussion: """
      Ends by Ctrl-C, --count or --for. Every part of the filter must be true of a request to be shown; a proxy keeps \
      1,000 requests a second and worker while somebody taps, and what is missing is told on standard error. With \
      -o json each request is one line.
      """
  )

  @OptionGroup var options: ProxyOptions
  @OptionGroup var format: OutputOptions

  @Option(help: ArgumentHelp("Only this method.", valueName: "name"))
  var method: String?

  @Option(help: ArgumentHelp("Only paths that begin so.", valueName: "prefix"))
  var path: String?

  @Option(help: ArgumentHelp("Only this host; without a port, on every port.", valueName: "host[:port]"))
  var authority: String?

  @Option(help: ArgumentHelp("Only this status, such as 404, 5xx, or none for unanswered ones.", valueName: "status"))
  var status: TapFilter.Status?

  @Option(help: ArgumentHelp("Only requests for this service.", valueName: "[namespace/]name[:port]"))
  var service: String?

  @Option(help: ArgumentHelp("Only requests from this address.", valueName: "address"))
  var source: IPAddress?

  @Option(help: ArgumentHelp("Only inbound or outbound ones, seen from the workload.", valueName: "direction"))
  var direction: Direction?

  @Flag(help: "Only what was denied or failed.")
  var errors = false

  @Option(help: ArgumentHelp("End after so many requests.", valueName: "number"))
  var count: Int?

  @Option(name: .customLong("for"), help: ArgumentHelp("End after so many seconds.", valueName: "seconds"))
  var seconds: Int?

  /// Between two questions: soon enough for eyes, and far within the five seconds that a proxy keeps the tap open.
  private static let interval_us: UInt32 = 200_000

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count \(count) is not 1 or more") }
    if let seconds, seconds < 1 { throw ValidationError("--for \(seconds) is not 1 or more") }
  }

  func run() throws {
    var taps: [TappedProxy] = []
    var failures: [CommandFailure] = []
    for proxy in try options.proxies() {
      do throws(CommandFailure) {
        taps.append(try TappedProxy(proxy, filter))
      } catch {
        failures.append(error)
      }
    }
    if let failure = CommandFailure(failures) {
      if taps.isEmpty { throw failure }
      for line in failure.lines { StandardError.write("weft: \(line)") }
    }
    let printer = TapPrinter(output: format.output, showsProxy: taps.count > 1)
    let end = seconds.map { ContinuousClock.now + .seconds($0) }
    var left = count ?? .max
    while left > 0 {
      var isBehind = false
      for index in taps.indices.reversed() {
        do throws(CommandFailure) {
          let found = try taps[index].next()
          isBehind = isBehind || found.count == AdminRequest.defaultTapLimit
          let shown = found.prefix(left)
          left -= shown.count
          for request in shown { try printer.print(TappedRequest(proxy: taps[index].name, request: request)) }
        } catch {
          // The others go on; whoever looks at several proxies at once must not lose all of them with one.
          let gone = taps.remove(at: index)
          for line in error.lines { StandardError.write("weft: proxy \(gone.name) is tapped no longer: \(line)") }
          failures.append(error)
        }
      }
      // A pipe's reader sees each request when it ends, and not a buffer later.
      try StandardOutput.flush()
      guard !taps.isEmpty else { throw ExitCode(failures.map(\.exitCode).max() ?? CommandFailure.failed) }
      if let end, ContinuousClock.now >= end { break }
      if left > 0, !isBehind { usleep(Self.interval_us) }
    }
    if let code = failures.map(\.exitCode).max() { throw ExitCode(code) }
  }

  private var filter: TapFilter {
    TapFilter(
      method: method,
      path: path,
      authority: authority,
      status: status,
      service: service,
      source: source,
      direction: direction,
      isOnlyErrors: errors
    )
  }
}

extension TapFilter.Status: ExpressibleByArgument {
  /// Reads an option's value.
  public init?(argument: String) { self.init(argument) }
}

extension IPAddress: ExpressibleByArgument {
  /// Reads an option's value.
  public init?(argument: String) { self.init(argument) }
}
