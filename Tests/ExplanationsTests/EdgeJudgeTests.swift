import Explanations
import MeshModel
import Policy
import Testing

@Suite("Why an edge is in plain text")
struct EdgeJudgeTests {
  private let judge: EdgeJudge
  private let web = SocketAddress(IPAddress(v4: 0x0a02_0007), port: 8080)
  private let old = SocketAddress(IPAddress(v4: 0x0a02_0008), port: 8080)
  private let pod = IPAddress(v4: 0x0a02_0001)
  private let stranger = IPAddress(v4: 0xc000_0201)
  private let elsewhere = IPAddress(v4: 0x0a02_0099)

  init() throws {
    let service = Service(
      namespace: "shop",
      name: "web",
      addresses: [],
      ports: [.init(port: 80, endpoints: [Endpoint(web, isMeshed: true), Endpoint(old)])]
    )
    let mesh = MeshConfiguration(services: [service])
    let workload = try Workload(namespace: "shop", labels: [:])
    judge = EdgeJudge(RequestTable(mesh, for: workload, peers: [elsewhere: PeerStanding(isEndpoint: true)]))
  }

  @Test("is said by who could have shown an identity and did not, and only what is of the mesh is a finding")
  func reasons() {
    func verdict(_ direction: Direction, _ other: IPAddress) -> EdgeJudge.Verdict {
      let here = SocketAddress(pod, port: 80)
      return direction == .outbound
        ? judge.judge(.outbound, from: pod, to: SocketAddress(other, port: 8080), .plainText)
        : judge.judge(.inbound, from: other, to: here, .plainText)
    }
    let past = verdict(.outbound, web.ip)
    #expect(past.isPlainWithinMesh && past.isAvoidable && past.reason.hasPrefix("the server has a proxy"))
    let bare = verdict(.outbound, old.ip)
    #expect(bare.isPlainWithinMesh && !bare.isAvoidable && bare.reason == "the server has no proxy")
    let outside = verdict(.outbound, stranger)
    #expect(!outside.isPlainWithinMesh && outside.reason == "the server is not of the mesh")
    let uncaptured = verdict(.inbound, web.ip)
    #expect(uncaptured.isAvoidable && uncaptured.reason.contains("came past it"))
    #expect(verdict(.inbound, old.ip).reason == "the client has no proxy")
    let known = verdict(.inbound, elsewhere)
    #expect(known.isPlainWithinMesh && !known.isAvoidable && known.reason == "the client came without a proxy")
    #expect(verdict(.inbound, stranger).reason == "the client is not of the mesh")
    #expect(verdict(.inbound, pod).reason == "within the pod")
    #expect(verdict(.inbound, IPAddress(v4: 0x7f00_0001)).reason == "within the pod")
  }

  @Test("is not said of what is secured, by the proxies or by the programs")
  func secured() {
    for security in [EdgeReport.Security.mutualTLS, .programTLS] {
      #expect(!judge.judge(.outbound, from: pod, to: old, security).isPlainWithinMesh)
    }
  }

  @Test("names services by the endpoint's address and port, then by its address alone")
  func names() {
    #expect(judge.service(at: web) == "shop/web")
    #expect(judge.service(at: SocketAddress(web.ip, port: 9)) == "shop/web")
    #expect(judge.service(at: old.ip) == "shop/web" && judge.service(at: stranger) == nil)
  }
}
