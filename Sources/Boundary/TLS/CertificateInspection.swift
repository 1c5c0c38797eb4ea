internal import COpenSSL

/// What files with certificates hold, and what is wrong with them; for `martlet check`, for metrics, and before a reload.
///
/// Pure: the files are given as bytes, the time as an argument. It may take milliseconds, so it belongs on the control plane.
public struct CertificateInspection: Sendable, Equatable {
    /// One certificate of a file. Texts are printable ASCII.
    public struct Certificate: Sendable, Equatable {
        /// Names of hosts that it serves, `*.` for any label.
        public let hostNames: [String]
        /// The subject in RFC 2253 form.
        public let subject: String
        /// Who signed it, in the same form.
        public let issuer: String
        /// Unix seconds from which it counts.
        public let notBefore: Int64
        /// Unix seconds until which it counts.
        public let notAfter: Int64
        /// `RSA`, `EC`, `ED25519` …
        public let keyAlgorithm: String
        /// Size of the key.
        public let keyBits: Int
        /// The serial number in hexadecimal.
        public let serialNumber: String
        /// SHA-256 of the certificate: 64 hexadecimal digits in lower case.
        public let fingerprint: String
    }

    /// The chain, the certificate that is served first.
    public let certificates: [Certificate]
    /// What is wrong, worst first; empty: nothing.
    public let problems: [CertificateProblem]
    /// Unix seconds until which the stapled response is good; `nil`: no response, or no such time in it.
    public let stapleNextUpdate: Int64?

    /// It can be served, if perhaps not to everyone's liking.
    public var isUsable: Bool { !problems.contains(where: \.preventsUse) }

    /// Looks at a chain, its key and its stapled response. `now` is in Unix seconds.
    public init(_ certificate: TLSCertificate, now: Int64) {
        var problems: [CertificateProblem] = []
        var certificates: [Certificate] = []
        var stapleNextUpdate: Int64?
        do throws(X509List.Failure) {
            let chain = unsafe try X509List.read(pem: certificate.chain, library: nil)
            certificates = Self.certificates(of: chain)
            problems += Self.keyProblems(certificate.key.octets, of: chain)
            problems += Self.chainProblems(of: chain, now: now)
            if let first = certificates.first, first.hostNames.isEmpty { problems.append(.noName) }
            if let staple = certificate.stapledResponse {
                let verdict = OCSPVerdict(staple, chain: chain, now: now)
                if let problem = verdict.problem { problems.append(problem) }
                if verdict.nextUpdate > 0 { stapleNextUpdate = verdict.nextUpdate }
            }
        } catch {
            problems.append(error.problem)
        }
        self.certificates = certificates
        self.problems = problems.filter(\.preventsUse) + problems.filter { !$0.preventsUse }
        self.stapleNextUpdate = stapleNextUpdate
    }

    /// Looks at the authorities that sign certificates of peers. `now` is in Unix seconds.
    public init(authorities: [UInt8], now: Int64) {
        stapleNextUpdate = nil
        do throws(X509List.Failure) {
            let list = unsafe try X509List.read(pem: authorities, library: nil)
            certificates = Self.certificates(of: list)
            problems = (0..<list.count).flatMap {
                unsafe Self.timeProblems(of: X509Facts(list[$0]), at: $0 + 1, now: now)
            }
        } catch {
            certificates = []
            problems = [error == .notPEM || error == .empty ? .noAuthority : error.problem]
        }
    }

    private static func certificates(of list: borrowing X509List) -> [Certificate] {
        var result: [Certificate] = []
        for index in 0..<list.count {
            let facts = unsafe X509Facts(list[index])
            let key = facts.key
            result.append(
                Certificate(
                    hostNames: facts.servedNames.map(PrintableText.escaped), subject: facts.subject,
                    issuer: facts.issuer,
                    notBefore: facts.notBefore, notAfter: facts.notAfter, keyAlgorithm: key.algorithm,
                    keyBits: key.bits,
                    serialNumber: facts.serialNumber, fingerprint: facts.fingerprint))
        }
        return result
    }

    private static func keyProblems(_ pem: [UInt8], of chain: borrowing X509List) -> [CertificateProblem] {
        do throws(CertificateProblem) {
            let key = unsafe try PrivateKey.read(pem: pem, library: nil)
            defer { unsafe EVP_PKEY_free(key) }
            return unsafe X509Facts(chain[0]).matches(key: key) ? [] : [.keyMismatch]
        } catch { return [error] }
    }

    private static func chainProblems(of chain: borrowing X509List, now: Int64) -> [CertificateProblem] {
        var problems: [CertificateProblem] = []
        for index in 0..<chain.count {
            let facts = unsafe X509Facts(chain[index])
            let position = index + 1
            problems += timeProblems(of: facts, at: position, now: now)
            let key = facts.key
            let bitsMin = key.algorithm.hasPrefix("RSA") || key.algorithm == "DSA" ? 2_048 : 224
            if key.bits < bitsMin { problems.append(.weakKey(position: position, bits: key.bits)) }
            if let digest = facts.signatureDigest, !facts.isSelfSigned,
                ["MD5", "SHA1", "MD5-SHA1", "MD4"].contains(digest)
            {
                problems.append(.weakSignature(position: position, digest: digest))
            }
            if index > 0, unsafe !facts.issued(X509Facts(chain[index - 1])) {
                problems.append(.chainOutOfOrder(position: position))
            }
        }
        return problems
    }

    private static func timeProblems(of facts: X509Facts, at position: Int, now: Int64) -> [CertificateProblem] {
        let (notBefore, notAfter) = (facts.notBefore, facts.notAfter)
        if notAfter < now { return [.expired(position: position, notAfter: notAfter)] }
        return notBefore > now ? [.notYetValid(position: position, notBefore: notBefore)] : []
    }
}
