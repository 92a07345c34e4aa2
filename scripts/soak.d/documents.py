"""The policies that take turns, and one that is no policy. Every client gets on with all of them (client.py)."""

from network import SERVER

# The services' virtual addresses: nobody has them, so only the proxy can serve what is dialled there.
WEB, API, SOCKET, FAULTY, WORDS = (f"10.96.0.{number}" for number in range(10, 15))
WEB_PORT, API_PORT, SOCKET_PORT, FAULTY_PORT, WORDS_PORT, BANNER_PORT = 8080, 8081, 8082, 8083, 9000, 9001


def service(name, address, port, number=80, kind="http"):
    return f"""
---
{{apiVersion: v1, kind: Service, metadata: {{name: {name}}},
 spec: {{clusterIP: {address}, ports: [{{name: {kind}, port: {number}}}]}}}}
---
{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
 metadata: {{name: {name}-1, labels: {{kubernetes.io/service-name: {name}}}}}, addressType: IPv4,
 endpoints: [{{addresses: ["{SERVER}"]}}], ports: [{{name: {kind}, port: {port}}}]}}
"""


SERVICES = "".join((
    service("web", WEB, WEB_PORT), service("api", API, API_PORT), service("socket", SOCKET, SOCKET_PORT),
    service("faulty", FAULTY, FAULTY_PORT), service("words", WORDS, WORDS_PORT, WORDS_PORT, "tcp"),
))

# Header fields, a mirror, retries and times.
ROUTES = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{group: "", kind: Service, name: web, port: 80}]
  rules:
    - filters:
        - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-soak, value: routed}]}}
        - {type: RequestMirror, requestMirror: {backendRef: {name: web, port: 80}, percent: 2}}
      backendRefs: [{name: web, port: 80, weight: 9}, {name: web, port: 80, weight: 1}]
      timeouts: {request: 30s}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: faulty}
spec:
  parentRefs: [{group: "", kind: Service, name: faulty, port: 80}]
  rules:
    - backendRefs: [{name: faulty, port: 80}]
      timeouts: {request: 2s}
      retry: {codes: [502, 503], attempts: 2, backoff: 10ms}
"""

# Seen by none but who says x-limited.
LIMIT = """
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: api}
spec:
  targetRefs: [{group: "", kind: Service, name: api}]
  rateLimit:
    type: Local
    local:
      rules:
        - clientSelectors: [{headers: [{name: x-limited, value: "yes"}]}]
          limit: {requests: 1, unit: Second}
"""

# The proxy beside the servers judges these; and the greeting server's port is closed to connections open and new. Without
# its port the first would deny what is not HTTP altogether, since nobody could tell what that asks for.
DENIALS = f"""
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: denied}}
spec:
  selector: {{matchLabels: {{app: server}}}}
  action: DENY
  rules: [{{to: [{{operation: {{ports: ["{WEB_PORT}"], paths: [/denied]}}}}]}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: no-greetings}}
spec:
  podSelector: {{matchLabels: {{app: server}}}}
  policyTypes: [Ingress]
  ingress: [{{ports: [{{port: {WEB_PORT}, endPort: {WORDS_PORT}}}]}}]
"""

VARIANTS = {
    "plain": SERVICES,
    "routed": SERVICES + ROUTES + LIMIT,
    "denying": service("aaa", "10.96.0.9", WEB_PORT) + SERVICES + ROUTES + DENIALS,
}
# Not a snapshot: it must be refused, and the one before stay in force.
BROKEN = '{"format": 2, "services": [{"name": 7'
