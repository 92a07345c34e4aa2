"""How each proxy is configured for HTTP/1.1: `plain`, proxying with nothing else on, and `full`, the mesh's services.

Full means the same to all: requests for host `web` below /api/ take a route of their own; GET below /api/ from the
client's network is allowed and all else refused with 403; the server gets x-request-id, traceparent and x-forwarded-for
(probe.py proves these); requests are counted. Nobody writes a log. Where a choice was open it was made in the peer's
favour, and stands beside its configuration.
"""

from backend import temporary_paths
from network import HTTP_PORT, SERVER

ALLOWED = "198.19.255.0/30"  # the client and nobody else


def haproxy(port, connections, full):
    """HAProxy's own counters are its metrics, and always on; a stick table would count more than the others do.

    Server 0.0.0.0 dials the address the client meant. `http-reuse always` pools idle connections to it across clients,
    as the others do; with `option transparent` alone there is no server to pool for. The trace id is made of two random
    numbers, which costs less than a UUID without its dashes.
    """
    services = """
  acl from_client src %s
  acl traced req.hdr(traceparent) -m found
  http-request deny deny_status 403 unless METH_GET { path_beg /api/ } from_client
  unique-id-format %%[uuid()]
  http-request set-header x-request-id %%[unique-id] unless { req.hdr(x-request-id) -m found }
  http-request set-header traceparent 00-%%[rand,hex,lower]%%[rand,hex,lower]-%%[rand,hex,lower]-00 unless traced
  option forwardfor
  use_backend web if { req.hdr(host) -i web } { path_beg /api/ }
""" % ALLOWED if full else ""
    return f"""
global
  nbthread 1
  maxconn {connections}
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-request 10s
frontend captured
  bind :{port}
  {services}
  default_backend original
backend web
  server original 0.0.0.0
backend original
  server original 0.0.0.0
"""


def envoy(port, connections, full):
    """Envoy's default counters and histograms are its metrics in both variants.

    Plain switches off what Envoy does by default and the others do not: request ids, x-forwarded-for, its own
    headers, the route's timer. Full makes the traceparent by a formatter from the stream's UUID, dashes and all,
    with a span id that never changes: not valid, but no formatter makes hexadecimal ids, and Envoy's tracers cost more
    (OpenTelemetry with sampling at 0: up to a quarter more here, on a busy machine).
    """
    onward = "{ cluster: original }" if full else "{ cluster: original, timeout: 0s }"
    hosts = f"""
            - {{ name: any, domains: ["*"], routes: [{{ match: {{ prefix: / }}, route: {onward} }}] }}"""
    if full:
        hosts += f"""
            - {{ name: web, domains: [web, "web:*"], routes: [{{ match: {{ prefix: /api/ }}, route: {onward} }}] }}"""
    manager = """
          use_remote_address: true
""" if full else """
          generate_request_id: false
          skip_xff_append: true
          server_header_transformation: PASS_THROUGH
"""
    trace = """
            request_headers_to_add:
            - header: { key: traceparent, value: "00-%STREAM_ID%-0000000000000001-00" }
              append_action: ADD_IF_ABSENT
""" if full else ""
    address, length = ALLOWED.split("/")
    policy = f"""
          - name: envoy.filters.http.rbac
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
              rules:
                action: ALLOW
                policies:
                  readers:
                    permissions:
                    - and_rules:
                        rules:
                        - header: {{ name: ":method", string_match: {{ exact: GET }} }}
                        - url_path: {{ path: {{ prefix: /api/ }} }}
                    principals: [{{ direct_remote_ip: {{ address_prefix: {address}, prefix_len: {length} }} }}]
""" if full else ""
    return f"""
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 0.0.0.0, port_value: {port} }} }}
    listener_filters:
    - name: envoy.filters.listener.original_dst
      typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: captured
{manager}
          route_config:
{trace}
            virtual_hosts:{hosts}
          http_filters:
{policy}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
              suppress_envoy_headers: true
  clusters:
  - name: original
    type: ORIGINAL_DST
    lb_policy: CLUSTER_PROVIDED
    connect_timeout: 5s
    circuit_breakers:
      thresholds:
      - {{ max_connections: {connections}, max_pending_requests: {connections}, max_requests: {connections} }}
"""


def nginx(port, directory, connections, full):
    """nginx does not look up the original destination (one system call a connection less), and Debian's has no
    counters by route; stub_status is all its metrics. Both limits of requests on one connection are lifted, and the
    header buffer is large enough for W5, so that it neither dials again nor allocates. Its span id is a part of its
    trace id.
    """
    onward = """proxy_pass http://original; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $http_host;"""
    traced = """proxy_set_header X-Request-ID $request_id; proxy_set_header traceparent $trace;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"""
    servers = f"""
  map $request_id $span {{ "~^(?<half>.{{16}})" $half; default ""; }}
  map $http_traceparent $trace {{ "" "00-$request_id-$span-00"; default $http_traceparent; }}
  server {{
    listen {port} backlog=4096; server_name web;
    location /api/ {{ allow {ALLOWED}; deny all; limit_except GET {{ deny all; }} {traced} {onward} }}
    location / {{ deny all; {onward} }}
  }}
  server {{ listen {port} default_server; location / {{ {onward} }} location = /stub_status {{ stub_status; }} }}
""" if full else f"server {{ listen {port} backlog=4096; location / {{ {onward} }} }}"
    return f"""
daemon off; master_process off; worker_processes 1; pid {directory}/proxy.pid; error_log stderr crit;
events {{ worker_connections {connections}; }}
http {{
  access_log off; keepalive_requests 1000000000; client_header_buffer_size 8k;
  {temporary_paths(f"{directory}/proxy")}
  upstream original {{ server {SERVER}:{HTTP_PORT}; keepalive 256; keepalive_requests 1000000000; }}
{servers}
}}
"""


# The endpoint is the server itself, so that both directions of capture see the same service.
WEFT_DOCUMENTS = f"""
apiVersion: v1
kind: Service
metadata: {{ name: web, namespace: default }}
spec:
  clusterIP: {SERVER}
  ports: [{{ name: http, port: {HTTP_PORT}, protocol: TCP, appProtocol: http }}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{ name: web-1, namespace: default, labels: {{ kubernetes.io/service-name: web }} }}
addressType: IPv4
ports: [{{ name: http, port: {HTTP_PORT}, protocol: TCP }}]
endpoints: [{{ addresses: ["{SERVER}"], conditions: {{ ready: true }} }}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{ name: web, namespace: default }}
spec:
  parentRefs: [{{ group: "", kind: Service, name: web, port: {HTTP_PORT} }}]
  rules:
    - matches: [{{ path: {{ type: PathPrefix, value: /api }} }}]
      filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: {{ set: [{{ name: x-bench-route, value: api }}] }}
      backendRefs: [{{ name: web, port: {HTTP_PORT} }}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{ name: readers, namespace: default }}
spec:
  selector: {{ matchLabels: {{ app: web }} }}
  action: ALLOW
  rules:
    - from: [{{ source: {{ ipBlocks: ["{ALLOWED}"] }} }}]
      to: [{{ operation: {{ methods: [GET], paths: ["/api/*"] }} }}]
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {{ name: tracing, namespace: default }}
spec:
  tracing: [{{ randomSamplingPercentage: 1 }}]
"""
