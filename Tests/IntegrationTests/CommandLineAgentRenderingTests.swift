import ArgumentParser
import MeshAPI
import MeshDocuments
import MeshModel
import Registry
import Testing

@testable import weft

@Suite("What weft prints of the agent's replies")
struct CommandLineAgentRenderingTests {
  @Test("tells how a registered service is reached, and why it is not ready")
  func registered() {
    var one = Weft_Agent_V1_RegisterReply.Registered()
    one.namespace = "shop"
    one.name = "web"
    one.instance = "a"
    one.addresses = ["10.0.0.5"]
    one.virtualAddresses = ["240.1.2.3", "fd00::1"]
    one.dnsName = "web.shop.mesh"
    var reply = Weft_Agent_V1_RegisterReply()
    reply.registered = [one]
    let report = RegistrationReport(reply)
    #expect(
      report.text(.plain, "registered") == """
        shop/web/a registered
          reached as web.shop.mesh, 240.1.2.3, fd00::1
          listens at 10.0.0.5
          not ready: it is given work once its checks pass

        """
    )
    #expect(RegistrationReport([report, report]).registered.count == 2)
  }

  @Test("lists services, and counts hosts beyond three")
  func services() {
    var service = Weft_Agent_V1_ServicesReply.Service()
    service.namespace = "shop"
    service.name = "web"
    service.dnsName = "web.shop.mesh"
    service.virtualAddresses = ["240.1.2.3"]
    service.ports = ["80/http", "sql:5432"]
    service.ready = 2
    service.endpoints = 5
    service.hosts = ["a", "b", "c", "d", "e"]
    #expect(
      ServiceRow.table([ServiceRow(service)], .plain) == """
        NAMESPACE  NAME  PORTS             READY  ADDRESSES  DNS NAME       HOSTS
        shop       web   80/http sql:5432  2/5    240.1.2.3  web.shop.mesh  a b c and 2 more

        """
    )
    #expect(ServiceRow.table([], .plain) == "no service\n")
  }

  @Test("lists endpoints with the checks of this host's")
  func endpoints() {
    func check(_ name: String, _ isPassing: Bool, _ output: String, _ lastRun_ms: UInt64)
      -> Weft_Agent_V1_EndpointsReply.Check
    {
      var check = Weft_Agent_V1_EndpointsReply.Check()
      check.name = name
      check.kind = "tcp"
      check.isPassing = isPassing
      check.output = output
      check.lastRunMs = lastRun_ms
      return check
    }
    var here = Weft_Agent_V1_EndpointsReply.Endpoint()
    here.namespace = "shop"
    here.name = "web"
    here.portName = "http"
    here.address = "10.0.0.5:80"
    here.host = "a"
    here.checks = [
      check("", true, "", 5_000), check("own", false, "no\u{1b}\nmore", 7_000), check("new", false, "", 0),
    ]
    var there = here
    there.host = ""
    there.isReady = true
    there.checks = []
    there.identity = "spiffe://m/ns/shop/sa/web"
    there.isMeshed = true
    #expect(
      EndpointRow.table([EndpointRow(here), EndpointRow(there)], now_ms: 10_000, .plain) == """
        NAMESPACE  SERVICE  PORT  ADDRESS      READY  MESH  IDENTITY                   HOST        INSTANCE  CHECKS
        shop       web      http  10.0.0.5:80  no     no    -                          a           -         tcp passing; own failing 3s ago: no\\u{1b}; new not run yet
        shop       web      http  10.0.0.5:80  yes    yes   spiffe://m/ns/shop/sa/web  (document)  -         -

        """
    )
  }

  @Test("lists hosts, and says which is this one")
  func members() {
    var member = Weft_Agent_V1_MembersReply.Member()
    member.name = "a"
    member.address = "192.0.2.1:15012"
    member.status = "alive"
    member.fingerprint = "ab12"
    member.isAuthority = true
    member.recordsHere = "3.17"
    member.records = 12
    member.isSelf = true
    #expect(
      MemberRow.table([MemberRow(member)], .plain) == """
        NAME           ADDRESS          STATUS  AUTHORITY  RECORDS  VERSION  FINGERPRINT
        a (this host)  192.0.2.1:15012  alive   yes        12       3.17     ab12

        """
    )
  }

  @Test("tells which hosts sign, by what and for how long, and which one does no more")
  func authorities() {
    func row(_ name: String, _ status: String, _ change: (inout Weft_Agent_V1_AuthoritiesReply.Authority) -> Void)
      -> AuthorityRow
    {
      var authority = Weft_Agent_V1_AuthoritiesReply.Authority()
      authority.name = name
      authority.address = "192.0.2.1:15012"
      authority.status = status
      authority.fingerprint = "ab12"
      change(&authority)
      return AuthorityRow(authority)
    }
    let rows = [
      row("a", "failed") { $0.hasRoot_p = true },
      row("b", "alive") {
        $0.isSelf = true
        $0.signsUntilS = 7_200
      },
      row("c", "revoked") { $0.timeS = 9_000 },
    ]
    #expect(
      AuthorityRow.table(rows, .plain, now_s: 3_600) == """
        NAME           ADDRESS          STATUS   SIGNS BY      SIGNS FOR  FINGERPRINT
        a              192.0.2.1:15012  failed   root          -          ab12
        b (this host)  192.0.2.1:15012  alive    intermediate  1h00m      ab12
        c              192.0.2.1:15012  revoked  nothing       -          ab12

        """
    )
  }

  @Test("tells what to run on the host that joins")
  func token() {
    var reply = Weft_Agent_V1_CreateTokenReply()
    reply.token = "abc"
    reply.expiresMs = 3_600_000
    #expect(TokenReport(reply).text(.plain, now_ms: 0) == "abc\n")
    reply.command = "weft-agent run --join abc"
    #expect(
      TokenReport(reply).text(.plain, now_ms: 0)
        == "on the other host, once and within 1h00m:\n  weft-agent run --join abc\n"
    )
  }

  @Test("tells of certificates how long they are valid and when they are renewed")
  func identity() {
    func certificate(_ role: String, _ from_s: Int64, _ to_s: Int64, renews_s: Int64) -> Weft_Agent_V1_Certificate {
      var one = Weft_Agent_V1_Certificate()
      one.role = role
      one.subject = "CN=\(role)"
      one.spiffeID = role == "workload" ? "spiffe://m/ns/shop/sa/web" : ""
      one.notBeforeS = from_s
      one.notAfterS = to_s
      one.renewsS = renews_s
      one.sha256 = String(repeating: "ab", count: 32)
      return one
    }
    var reply = Weft_Agent_V1_IdentityReply()
    reply.trustDomain = "m"
    reply.certificates = [
      certificate("root", 0, 10_000, renews_s: 0), certificate("host", 0, 90, renews_s: 50),
      certificate("workload", 0, 7_300, renews_s: 3_700), certificate("next", 200, 300, renews_s: 250),
    ]
    var workload = Weft_Agent_V1_Workload()
    workload.spiffeID = "spiffe://m/ns/shop/sa/web"
    workload.selectors = ["unix:uid:33", "unix:path:/bin/web"]
    reply.workloads = [workload]
    #expect(
      IdentityReport(reply).text(.plain, now_s: 100) == """
        trust domain m
        ROLE      IDENTITY                   VALID FOR        RENEWED IN  SHA-256
        root      CN=root                    2h45m            -           abababababababab
        host      CN=host                    expired 10s ago  now         abababababababab
        workload  spiffe://m/ns/shop/sa/web  2h00m            1h00m       abababababababab
        next      CN=next                    not yet          2m30s       abababababababab

        WORKLOAD                   SELECTORS
        spiffe://m/ns/shop/sa/web  unix:uid:33 unix:path:/bin/web

        """
    )
  }

  @Test("shows every part of the agent's state, and each thing that is wrong")
  func check() {
    var proxy = Weft_Agent_V1_StatusReply.Proxy()
    proxy.name = "web"
    proxy.namespace = "shop"
    proxy.pid = 7
    proxy.uid = 1337
    proxy.subscriptions = 3
    proxy.pushes = 1
    proxy.nacks = 2
    proxy.lastNack = "no such port"
    var reply = Weft_Agent_V1_StatusReply()
    reply.version = "0.1.0"
    reply.hostName = "a"
    reply.meshName = "home"
    reply.trustDomain = "home.mesh"
    reply.uptimeMs = 61_000
    reply.services = 1
    reply.endpoints = 2
    reply.membersAlive = 1
    reply.membersKnown = 2
    reply.proxies = [proxy]
    #expect(AgentCheck(reply, socket: "/s").text(.plain).hasPrefix("agent a: well\n"))
    reply.warnings = ["host b is gone"]
    #expect(
      AgentCheck(reply, socket: "/s").text(.plain) == """
        agent a: look here
          process     weft-agent 0.1.0, up 1m01s
          mesh        home, trust domain home.mesh, 1 of 2 hosts alive
          knows       1 service, 2 endpoints, 0 documents
          proxy       shop/web, pid 7, uid 1337, 3 subscriptions, 1 push, 2 refused, the last since no such port
          ! host b is gone

        """
    )
    let failure = CommandFailure(CommandFailure.failed, "no agent at /s")
    #expect(AgentCheck(failure: failure, socket: "/s").text(.plain) == "agent: look here\n  ! no agent at /s\n")
  }

  @Test("names what the agent has refused and how often, with what to look at, and nothing of which there is none")
  func refusals() {
    var reply = Weft_Agent_V1_StatusReply()
    reply.hostName = "a"
    reply.counters = [
      "pushes": 9, "peers_joins": 3, "peers_connections_refused": 12, "callers_refused": 0, "registrations_refused": 1,
      "names_over_share": 2, "peers_frobs_refused": 4, "peers_links_failed": 5, "records_refused_flood": 7,
    ]
    let check = AgentCheck(reply, socket: "/s")
    let refused = check.text(.plain).split(separator: "\n").filter { $0.hasPrefix("  refused") }
    #expect(
      refused == [
        "  refused     1 registrations refused: the agent's journal says whose, and who has the name (registrations_refused)",
        "  refused     7 messages refused of hosts that send more than they may: who sends them is in the journal "
          + "(records_refused_flood)",
        "  refused     12 connections beyond what one address or all may have refused: the agent's journal names the address "
          + "(peers_connections_refused)",
        "  refused     2 questions for names beyond a pod's share refused: which pod asks so often? (names_over_share)",
        "  refused     4 times peers_frobs_refused: the agent's journal says what and why",
      ]
    )
    // To refuse is what it is there for: nothing is wrong with the agent.
    #expect(check.problems.isEmpty)
    #expect(AgentRefusals([:]).lines.isEmpty)
  }
}
