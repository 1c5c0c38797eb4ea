import Signatures
import Testing
import Tokens

/// The examples of RFC 7515 appendix A whose content is claims, with their keys as that appendix writes them.
@Suite struct KnownTokenTests {
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private static let secret =
        #"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#
    private static let rsa =
        #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"#
        + "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
        + "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
        + #"h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
    private static let elliptic =
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#
        + #""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#

    private static let signedBySecret =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let signedByRSA =
        "eyJhbGciOiJSUzI1NiJ9.\(claims)."
        + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
        + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
        + "cN_IoypGlUPQGe77Rw"
    private static let signedByCurve =
        "eyJhbGciOiJFUzI1NiJ9.\(claims)."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    /// A.5: the same claims, unsigned.
    private static let unsigned = "eyJhbGciOiJub25lIn0.\(claims)."

    private let policy = TokenPolicy(
        issuer: "joe", audiences: [], algorithms: [.asymmetric, .secret],
        requiredClaims: [
            ClaimPath(names: ["http://example.com/is_root"])
        ])

    @Test func `each is valid with the set of all keys, in its time, and the unsigned one never is`() throws {
        let text = Array(#"{"keys":[\#(Self.secret),\#(Self.rsa),\#(Self.elliptic)]}"#.utf8)
        let set = try KeySetDocument(text.span, acceptsSecrets: true)
        #expect(set.skipped.isEmpty)
        for token in [Self.signedBySecret, Self.signedByRSA, Self.signedByCurve] {
            #expect(
                try verdict(token, policy: policy, keys: set.keys, at: 1_300_819_379)
                    == .valid(expiresAtSeconds: 1_300_819_380))
            #expect(try failure(token, policy: policy, keys: set.keys, at: 1_300_819_440) == .expired)
        }
        #expect(try failure(Self.unsigned, policy: policy, keys: set.keys, at: 1_300_819_379) == .malformed)
        #expect(try failure(Self.unsigned + "AA", policy: policy, keys: set.keys) == .algorithmNotAllowed)
    }
}
