import Testing

@testable import Membership

/// The numbers are those of docs/membership.md.
@Suite("Serf's timing by the number of hosts")
struct SerfProfileTests {
  typealias Profile = SerfConfiguration.Profile

  @Test("is lan's for a small mesh, and local's where that leaves a host as long to contradict as lan in a small one")
  func choice() {
    for hosts in 0...21 { #expect(Profile.fitting(hosts: hosts) == .lan, "\(hosts)") }
    for hosts in 22...1000 { #expect(Profile.fitting(hosts: hosts) == .local, "\(hosts)") }
  }

  @Test("never leaves a host less than four seconds to contradict, and is never slower than lan's")
  func robustness() {
    for hosts in 1...1000 {
      let chosen = Profile.fitting(hosts: hosts)
      #expect(chosen.suspicion_s(hosts: hosts) >= 4, "\(hosts)")
      #expect(chosen.detection_s(hosts: hosts) <= Profile.lan.detection_s(hosts: hosts), "\(hosts)")
    }
  }

  @Test(
    "notices a dead host in these seconds",
    arguments: [
      (5, 6.0, 6.0), (10, 6.0, 6.0), (22, 7.4, 6.1), (50, 8.9, 7.2), (100, 10.1, 8.1), (250, 11.7, 9.3),
      (500, 12.9, 10.2), (1000, 14.1, 11.1),
    ] as [(Int, Double, Double)]
  )
  func detection(hosts: Int, lan: Double, chosen: Double) {
    #expect(abs(Profile.lan.detection_s(hosts: hosts) - lan) < 0.1)
    #expect(abs(Profile.fitting(hosts: hosts).detection_s(hosts: hosts) - chosen) < 0.1)
  }
}
