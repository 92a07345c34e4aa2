import MeshModel
import Telemetry
import Testing

@Suite struct RequestSeriesTests {
  @Test("The same labels keep their number, whoever asks and whenever")
  func stable() {
    let registry = RequestSeriesRegistry()
    let first = registry.number(direction: .outbound, service: "a/b:80", route: "")
    let others = [
      registry.number(direction: .inbound, service: "a/b:80", route: ""),
      registry.number(direction: .outbound, service: "a/b:81", route: ""),
      registry.number(direction: .outbound, service: "a/b:80", route: "a/r/rule0"),
    ]
    #expect(Set(others + [first]).count == 4)
    #expect(registry.number(direction: .outbound, service: "a/b:80", route: "") == first)
    #expect(registry.series[first] == RequestSeries(direction: .outbound, service: "a/b:80", route: ""))
  }

  @Test("Beyond the limit labels share the series of other in their direction, which is counted")
  func bounded() {
    let registry = RequestSeriesRegistry()
    for number in 0..<RequestSeriesRegistry.limit {
      let given = registry.number(direction: .outbound, service: "a/s\(number):80", route: "")
      #expect(registry.series[given].service == "a/s\(number):80")
    }
    #expect(registry.folded == 0)
    for direction in Direction.allCases {
      let given = registry.number(direction: direction, service: "a/late:80", route: "r")
      #expect(registry.series[given] == RequestSeries(direction: direction, service: "other", route: ""))
    }
    #expect(registry.folded == 2)
    let known = registry.number(direction: .outbound, service: "a/s7:80", route: "")
    #expect(registry.series[known].service == "a/s7:80")
    #expect(registry.series.count == RequestSeriesRegistry.limit + 2)
  }
}
