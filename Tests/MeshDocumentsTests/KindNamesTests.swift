import MeshDocuments
import Testing

@Suite("Names of kinds")
struct KindNamesTests {
  @Test(
    "are taken in any case, singular, plural or short, and with their group",
    arguments: [
      ("Service", "Service"), ("services", "Service"), ("svc", "Service"), ("SVC", "Service"),
      ("authorizationpolicies", "AuthorizationPolicy"), ("authz", "AuthorizationPolicy"), ("ap", "AuthorizationPolicy"),
      ("authorizationpolicy.security.istio.io", "AuthorizationPolicy"), ("netpol", "NetworkPolicy"),
      ("networkpolicies.networking.k8s.io", "NetworkPolicy"), ("httproute", "HTTPRoute"), ("telemetries", "Telemetry"),
      ("grpcroutes", "GRPCRoute"), ("btp", "BackendTrafficPolicy"), ("endpointslices", "EndpointSlice"),
    ]
  )
  func known(name: String, kind: String) { #expect(KindNames.kind(of: name) == kind) }

  @Test("that nobody knows are none", arguments: ["", ".", "pod", "services.apps", "svcs", "List"])
  func unknown(name: String) { #expect(KindNames.kind(of: name) == nil) }

  @Test("mean kinds of newer hosts by their own name")
  func newer() {
    #expect(KindNames.name("udproutes", means: "UDPRoute"))
    #expect(KindNames.name("svc", means: "Service"))
    #expect(!KindNames.name("svc", means: "UDPRoute"))
  }

  @Test("title a document as kubectl does")
  func titles() {
    func title(_ kind: String) -> String { KindNames.title(of: DocumentKey(kind: kind, namespace: "a", name: "b")) }
    #expect(title("AuthorizationPolicy") == "authorizationpolicy.security.istio.io/b")
    #expect(title("Service") == "service/b")
    #expect(title("UDPRoute") == "udproute/b")
  }
}
