"""The configurations under which the gateway and its peers are measured: each forwards everything to one origin."""


def nginx(folder, port, origin_port, tls=None, websocket=False):
    """As nginx is tuned for this work: one worker, a large pool, nothing written to disk. Its access log is off.

    Request bodies are passed on as they come, as the gateway does, and in large pieces: by default nginx would store them
    in files first, at four times the cost, which would flatter the gateway."""
    temporary = " ".join(f"{kind}_temp_path {folder}/nginx-{kind};" for kind in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    secure = ""
    if tls:
        secure = f"ssl_certificate {tls.chain}; ssl_certificate_key {tls.key}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on;"
    upgrade = "proxy_set_header Upgrade $http_upgrade;" if websocket else ""
    connection = "upgrade" if websocket else ""
    return f"""
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000;
pid {folder}/nginx-{port}.pid; error_log {folder}/nginx-{port}.log error;
events {{ worker_connections 16384; multi_accept on; }}
http {{
    access_log off; tcp_nodelay on; keepalive_timeout 600s; keepalive_requests 100000000; {temporary}
    client_max_body_size 100m;
    upstream origin {{ server 127.0.0.1:{origin_port}; keepalive 1024; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{port}{' ssl' if tls else ''} backlog=4096; {secure}
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_request_buffering off; client_body_buffer_size 256k;
            proxy_set_header Connection "{connection}"; {upgrade}
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Request-Id $request_id;
        }}
    }}
}}
"""


def haproxy(port, origin_port, tls=None, rules=""):
    secure = f" ssl crt {tls.joint} alpn http/1.1" if tls else ""
    return f"""
global
    nbthread 1
    maxconn 8000
defaults
    mode http
    http-reuse always
    timeout connect 5s
    timeout client 600s
    timeout server 600s
frontend clients
    bind 127.0.0.1:{port} backlog 4096{secure}
    option forwardfor
    http-request set-header X-Request-Id %[uuid()]{rules}
    default_backend origins
backend origins
    server origin 127.0.0.1:{origin_port} pool-max-conn 2048
"""


def martlet(folder, port, admin_port, origin_port, routes, generation=0, tls=None, other_origin_port=None):
    """`routes` is how many there are. The access log goes to a file, and metrics are on."""
    lines = [
        "version: 1",
        "listeners:",
        "  - name: bench",
        f"    address: 127.0.0.1:{port}",
        *([f"    tls: {{ certificate: {tls.chain}, key: {tls.key} }}"] if tls else []),
        "admin:",
        f"  address: 127.0.0.1:{admin_port}",
        f"  access-log: {folder}/access-{port}.log",
        "defaults:",
        "  timeouts: { idle: 600s }",
        "  limits: { request-body: 100MiB }",
        "upstreams:",
        "  origin:",
        f"    endpoints: [{', '.join(f'127.0.0.1:{each}' for each in (origin_port, other_origin_port) if each)}]",
        "    pool: { connections-max: 4096, idle-max: 4096 }",
        "routes:",
        "  - id: products",
        "    match: { path: /api/v1/products/** }",
        "    forward: origin",
        "  - id: sizes",
        "    match: { path: /size/* }",
        "    forward: origin",
        "  - id: generation",
        "    match: { path: /generation }",
        f"    respond: {{ status: 200, body: \"{generation}\" }}",
    ]
    for number in range(routes - 3):
        lines += other_route(number)
    return "\n".join(lines) + "\n"


def martlet_policies(folder, port, admin_port, origin_port, issuer, key_set, collector):
    """A token of the issuer, a limit by its subject that the load does not reach, and traces of one request in a hundred."""
    return f"""
version: 1
listeners: [{{ name: bench, address: "127.0.0.1:{port}" }}]
admin: {{ address: "127.0.0.1:{admin_port}", access-log: "{folder}/access-{port}.log" }}
defaults: {{ timeouts: {{ idle: 600s }} }}
tracing: {{ zipkin: "{collector}", sample: 1% }}
issuers:
  shop: {{ issuer: "{issuer}", jwks: "{key_set}", audiences: [shop-api] }}
upstreams:
  origin:
    endpoints: ["127.0.0.1:{origin_port}"]
    pool: {{ connections-max: 4096, idle-max: 4096 }}
routes:
  - id: products
    match: {{ path: /api/v1/products/** }}
    filters:
      - jwt: {{ issuers: shop, roles: [customer], headers: {{ X-User: preferred_username }} }}
      - rate-limit: {{ rate: 1000000/s, key: {{ claim: sub }} }}
    forward: origin
"""


def haproxy_policies(port, origin_port, issuer, public_key):
    """The same: signature, issuer, end and subject of the token, and a stick table of rates by subject."""
    rules = f"""
    stick-table type string len 64 size 1m expire 60s store http_req_rate(1s)
    http-request set-var(txn.bearer) http_auth_bearer
    http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
    http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
    http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
    http-request set-var(txn.sub) var(txn.bearer),jwt_payload_query('$.sub')
    http-request set-var(txn.now) date()
    http-request deny deny_status 401 unless {{ var(txn.alg) -m str RS256 }}
    http-request deny deny_status 401 unless {{ var(txn.iss) -m str {issuer} }}
    http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 0 }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{public_key}") 1 }}
    http-request set-header X-User %[var(txn.bearer),jwt_payload_query('$.preferred_username')]
    http-request track-sc0 var(txn.sub)
    http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt 1000000 }}"""
    return haproxy(port, origin_port, rules=rules)


def other_route(number):
    """Routes that the load never takes, of the kinds that people write."""
    name = f"service-{number:05d}"
    lines = [f"  - id: {name}", "    match:"]
    match number % 5:
        case 0:
            lines += [f"      path: /api/v1/{name}/**"]
        case 1:
            lines += [f"      path: /api/v1/{name}/{{id}}/details", "      methods: [GET, HEAD]"]
        case 2:
            lines += [f"      host: {name}.example.com", "      path: /**"]
        case 3:
            lines += [f"      path: /api/v2/{name}", "      headers: { x-env: { equal: staging } }"]
        case 4:
            lines += [f"      path: /api/v1/products/{name}/**", "      methods: POST"]
    if number % 5 in (0, 1):
        lines += ["    filters:", f"      - set-request-header: {{ name: X-Service, value: {name} }}"]
    return lines + ["    forward: origin"]
