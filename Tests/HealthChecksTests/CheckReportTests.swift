import Registry
import Testing

@testable import HealthChecks

@Suite("What is kept of a check")
struct CheckReportTests {
  @Test("is cut between characters")
  func cut() {
    let line = String(repeating: "é", count: RegistryLimit.outputBytes)
    let report = CheckReport(.failing, "x" + line)
    #expect(report.output.utf8.count == RegistryLimit.outputBytes - 1 && report.output.hasSuffix("é"))
  }

  @Test("is one line where the program said nothing")
  func silent() {
    #expect(CheckReport(.passing, "line", said: Array(" \n\r\n".utf8)).output.hasPrefix("line"))
    #expect(CheckReport(.passing, "line").output == "line")
  }
}
