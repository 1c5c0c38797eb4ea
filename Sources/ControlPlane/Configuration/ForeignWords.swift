/// What Envoy, HAProxy, nginx and Traefik call things, so that somebody who comes from there is told our word for it.
enum ForeignWords {
    /// The candidate that means the same as a word in lower case with `-` between its parts.
    static func ours(for word: String, among candidates: [String]) -> String? {
        table[word]?.first { candidates.contains($0) }
    }

    /// A word means the first of ours that can stand in its place.
    private static let table: [String: [String]] = [
        // Rooms of the file.
        "backend": ["upstreams"], "backends": ["upstreams", "endpoints"], "clusters": ["upstreams"],
        "services": ["upstreams"], "frontends": ["listeners"], "entrypoints": ["listeners"], "servers": ["endpoints"],
        "targets": ["endpoints"], "hosts": ["host", "endpoints"], "rules": ["match"],
        // TLS.
        "ssl": ["tls"], "cert": ["certificate", "certificates"], "crt": ["certificate", "certificates"],
        "cert-file": ["certificate"], "certificate-file": ["certificate"], "certificate-chain": ["certificate"],
        "certs": ["certificates"], "tls-certificates": ["certificates"], "private-key": ["key"], "key-file": ["key"],
        "ocsp-staple": ["ocsp"], "ca": ["authorities"], "ca-file": ["authorities"], "cafile": ["authorities"],
        "trusted-ca": ["authorities"], "root-cas": ["authorities"], "sni": ["server-name"],
        "insecure-skip-verify": ["verify"], "alpn": ["protocols"], "min-version": ["minimum-version"],
        "ssl-min-ver": ["minimum-version"], "mtls": ["client-certificates"], "client-auth": ["client-certificates"],
        "require": ["required"], "ktls": ["kernel-offload"], "accept-proxy": ["proxy-protocol"],
        "send-proxy": ["proxy-protocol"], "send-proxy-v2": ["proxy-protocol"],
        // Choice of an endpoint.
        "lb-policy": ["balance"], "load-balancing": ["balance"], "strategy": ["balance"], "algorithm": ["balance"],
        "leastconn": ["least-requests"], "least-conn": ["least-requests"], "p2c": ["least-requests"],
        "source": ["consistent-hash"], "ip-hash": ["consistent-hash"], "ring-hash": ["consistent-hash"],
        "maglev": ["consistent-hash"], "ewma": ["least-latency"], "least-time": ["least-latency"],
        "hash-policy": ["hash"], "hash-key": ["hash"], "hash-balance-factor": ["hash-load-max"],
        "source-ip": ["client-address"], "client-ip": ["client-address"], "ip": ["client-address"],
        "remote-addr": ["client-address"], "sticky": ["sticky-cookie"], "cookie": ["sticky-cookie"],
        "session-affinity": ["sticky-cookie"], "ttl": ["max-age"], "slow-start-window": ["slow-start"],
        // Health.
        "health-check": ["health", "active"], "health-checks": ["health", "active"],
        "healthcheck": ["health", "active"],
        "outlier-detection": ["passive", "health"], "panic-threshold": ["panic"], "expected-statuses": ["statuses"],
        "rise": ["healthy-after"], "healthy-threshold": ["healthy-after"], "fall": ["unhealthy-after"],
        "unhealthy-threshold": ["unhealthy-after"], "inter": ["interval"], "consecutive-5xx": ["consecutive-failures"],
        "consecutive-errors": ["consecutive-failures"], "consecutive-gateway-failure": ["consecutive-failures"],
        "base-ejection-time": ["eject"], "max-ejection-time": ["eject-max"], "max-ejection-percent": ["ejected-max"],
        // Retries, breaker, queue.
        "retry": ["retries"], "retry-policy": ["retries"], "max-attempts": ["attempts"], "retry-on": ["on"],
        "per-try": ["per-try-timeout"], "try-timeout": ["per-try-timeout"], "backoff": ["back-off"],
        "backoff-max": ["back-off-max"], "conn-failure": ["connect-failure"], "refused-stream": ["connect-failure"],
        "empty-response": ["reset"], "response-timeout": ["timeout"], "hedging": ["hedge"],
        "circuit-breaker": ["breaker"], "circuit-breakers": ["breaker"], "error-rate": ["failure-rate"],
        "max-pending-requests": ["pending-max"], "max-connections": ["connections-max", "connections"],
        "maxconn": ["connections-max", "connections"], "max-pending": ["pending-max"],
        // Filters.
        "middlewares": ["filters", "filter-sets"], "middleware": ["filters", "use"], "plugins": ["filters"],
        "ip-restriction": ["ip-allow"], "whitelist": ["ip-allow"], "allowlist": ["ip-allow"],
        "ipallowlist": ["ip-allow"],
        "ipwhitelist": ["ip-allow"], "allow": ["ip-allow"], "deny": ["ip-deny"], "denylist": ["ip-deny"],
        "blacklist": ["ip-deny"], "allowed-origins": ["origins"], "allow-origins": ["origins"],
        "allowed-methods": ["methods"], "allow-methods": ["methods"], "allowed-headers": ["headers"],
        "allow-headers": ["headers"], "exposed-headers": ["expose"], "expose-headers": ["expose"],
        "allow-credentials": ["credentials"], "security-headers": ["secure-headers"],
        "ratelimit": ["rate-limit"], "request-rate-limiter": ["rate-limit"], "limit-req": ["rate-limit"],
        "requests-per-second": ["rate"], "replenish-rate": ["rate"], "average": ["rate"], "burst-capacity": ["burst"],
        "requested-tokens": ["cost"], "limit-conn": ["concurrency-limit"],
        "in-flight-req": ["concurrency-limit"], "adaptive": ["adaptive-concurrency"], "key-resolver": ["key"],
        "oauth2": ["jwt"], "jwt-auth": ["jwt"], "openid": ["jwt"],
        "oidc": ["jwt"], "providers": ["issuers"], "jwks-uri": ["jwks"], "jwk-set-uri": ["jwks"],
        "issuer-uri": ["issuer"], "audience": ["audiences"], "leeway": ["clock-skew"],
        // Routes.
        "websocket": ["upgrade"], "websockets": ["upgrade", "websocket"], "upgrades": ["upgrade"], "ws": ["websocket"],
        "wss": ["websocket"], "upgrade-type": ["upgrade"],
    ]
}
