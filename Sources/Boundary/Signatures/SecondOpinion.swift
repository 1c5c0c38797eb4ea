internal import CJWT

/// A token as libjwt reads it.
///
/// libjwt parses a key in PEM at every call (414 microseconds for RS256, against 20 with a prepared key) and knows neither PS nor
/// EdDSA, so it is not on the path of a request: it mints development tokens, shows their content, and is the second opinion of the
/// tests.
@safe
public final class SecondOpinion {
    // Made in `init`, never nil, never replaced, freed in `deinit`; only this object uses it.
    private let handle: OpaquePointer

    /// Decodes a token without checking its signature; nil when libjwt cannot read it.
    public convenience init?(decoding token: String) {
        self.init(token, key: nil)
    }

    /// Decodes a token and checks its signature with a secret or a public key in PEM, trusting the algorithm that the token names;
    /// nil when either fails.
    public convenience init?(verifying token: String, key: [UInt8]) {
        self.init(token, key: key)
    }

    private init?(_ token: String, key: [UInt8]?) {
        // A text with a zero would end there for libjwt.
        guard !token.utf8.contains(0) else { return nil }
        var decoded: OpaquePointer?
        let outcome: Int32
        if let key {
            // The key is only read during the call.
            outcome = unsafe jwt_decode(&decoded, token, key, Int32(key.count))
        } else {
            outcome = unsafe jwt_decode(&decoded, token, nil, 0)
        }
        guard outcome == 0, let decoded = unsafe decoded else { return nil }
        unsafe handle = decoded
    }

    deinit {
        unsafe jwt_free(handle)
    }

    /// The algorithm that the token names; nil for `none`.
    public var algorithm: SignatureAlgorithm? {
        let named = unsafe jwt_get_alg(handle)
        return SignatureAlgorithm.allCases.first { $0.libjwt == named }
    }

    /// A grant that is a text.
    public func text(of grant: String) -> String? {
        // The text lives as long as the token, and is copied.
        unsafe jwt_get_grant(handle, grant).map { unsafe String(cString: $0) }
    }

    /// A grant that is an integer; 0 when it is none.
    public func integer(of grant: String) -> Int {
        unsafe jwt_get_grant_int(handle, grant)
    }

    /// A grant of any kind as JSON; all of them without a name.
    public func json(of grant: String? = nil) -> String? {
        unsafe Self.take(jwt_get_grants_json(handle, grant))
    }

    /// The whole header as JSON.
    public func headerJSON() -> String? {
        unsafe Self.take(jwt_get_headers_json(handle, nil))
    }

    /// Whether these claims hold at this time: the issuer is this one, `exp` is there and ahead, `nbf` is past or absent.
    public func holds(issuer: String, nowSeconds: Int) -> Bool {
        text(of: "iss") == issuer && integer(of: "exp") > nowSeconds && integer(of: "nbf") <= nowSeconds
    }

    /// A text that libjwt hands over, as ours.
    fileprivate static func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        // It ends with a zero, and comes from the C library's malloc.
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}

/// Makes development tokens by libjwt: HS, RS and ES.
public enum TokenMint {
    /// A signed token; nil when the claims are no JSON object, or the key (a secret, or a private key in PEM) does not fit.
    public static func mint(
        claimsJSON: String, algorithm: SignatureAlgorithm, key: [UInt8], keyIdentifier: String? = nil
    ) -> String? {
        guard let libjwt = algorithm.libjwt else { return nil }
        var made: OpaquePointer?
        guard unsafe jwt_new(&made) == 0, let token = unsafe made else { return nil }
        // It is freed at every way out, and used nowhere else.
        defer { unsafe jwt_free(token) }
        // libjwt copies what it is given.
        guard unsafe jwt_add_grants_json(token, claimsJSON) == 0,
            unsafe jwt_set_alg(token, libjwt, key, Int32(key.count)) == 0
        else { return nil }
        if let keyIdentifier, unsafe jwt_add_header(token, "kid", keyIdentifier) != 0 { return nil }
        return unsafe SecondOpinion.take(jwt_encode_str(token))
    }
}

extension SignatureAlgorithm {
    /// libjwt's number for it, if it has one.
    fileprivate var libjwt: jwt_alg_t? {
        switch self {
        case .rs256: JWT_ALG_RS256
        case .rs384: JWT_ALG_RS384
        case .rs512: JWT_ALG_RS512
        case .es256: JWT_ALG_ES256
        case .es384: JWT_ALG_ES384
        case .es512: JWT_ALG_ES512
        case .hs256: JWT_ALG_HS256
        case .hs384: JWT_ALG_HS384
        case .hs512: JWT_ALG_HS512
        case .ps256, .ps384, .ps512, .edDSA: nil
        }
    }
}
