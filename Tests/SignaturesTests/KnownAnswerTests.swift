import Signatures
import Testing

/// Tokens and keys of RFC 7515 appendix A, RFC 7520 §4 and RFC 8037 appendix A.
struct KnownAnswer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let algorithm: SignatureAlgorithm
    let numbers: KeyMaterial.Numbers
    let token: String

    static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    static let hs256 = KnownAnswer(
        testDescription: "RFC 7515 A.1", algorithm: .hs256,
        numbers: .secret(
            SharedSecret(
                octets("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))),
        token: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    static let rs256 = KnownAnswer(
        testDescription: "RFC 7515 A.2", algorithm: .rs256,
        numbers: .rsa(
            modulus: octets(
                "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
                    + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB"
                    + "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91"
                    + "kzk2PAcDTW9gb54h4FRWyuXpoQ"),
            exponent: octets("AQAB")),
        token: "eyJhbGciOiJSUzI1NiJ9.\(claims)."
            + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
            + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
            + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
            + "cN_IoypGlUPQGe77Rw")

    static let es256 = KnownAnswer(
        testDescription: "RFC 7515 A.3", algorithm: .es256,
        numbers: .elliptic(
            .p256, x: octets("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            y: octets("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")),
        token: "eyJhbGciOiJFUzI1NiJ9.\(claims)."
            + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")

    static let es512 = KnownAnswer(
        testDescription: "RFC 7515 A.4", algorithm: .es512,
        numbers: .elliptic(
            .p521,
            x: octets("AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk"),
            y: octets("ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2")),
        token: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
            + "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y"
            + "BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn")

    static let ps384 = KnownAnswer(
        testDescription: "RFC 7520 4.2", algorithm: .ps384,
        numbers: .rsa(
            modulus: octets(
                "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2w"
                    + "qVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpP"
                    + "I9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhu"
                    + "axwUkRz5iaiQkqgc5gHdrNP5zw"),
            exponent: octets("AQAB")),
        token: "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9."
            + "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwg"
            + "YW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9m"
            + "ZiB0by4."
            + "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL"
            + "PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn"
            + "r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6"
            + "oD4ifKo8DYM-X72Eaw")

    static let edDSA = KnownAnswer(
        testDescription: "RFC 8037 A.4", algorithm: .edDSA,
        numbers: .edwards(octets("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
        token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
            + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")

    static let all = [hs256, rs256, es256, es512, ps384, edDSA]
}

@Suite struct KnownAnswerTests {
    @Test(arguments: KnownAnswer.all)
    func `the examples of the standards are good, again and again, also after a bad one`(answer: KnownAnswer) throws {
        let key = try VerificationKey(KeyMaterial(identifier: nil, numbers: answer.numbers))
        let (input, signature) = parts(answer.token)
        for _ in 0..<3 {
            #expect(key.verifies(signature, over: input, answer.algorithm))
            #expect(!key.verifies(signature, over: input + [0x20], answer.algorithm))
        }
    }

    @Test(arguments: KnownAnswer.all)
    func `one wrong bit anywhere in the signature makes it bad`(answer: KnownAnswer) throws {
        let key = try VerificationKey(KeyMaterial(identifier: nil, numbers: answer.numbers))
        let (input, signature) = parts(answer.token)
        for bit in 0..<signature.count * 8 {
            var other = signature
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.verifies(other, over: input, answer.algorithm), "bit \(bit)")
        }
    }

    @Test(arguments: KnownAnswer.all)
    func `one wrong bit anywhere in the input makes the signature bad`(answer: KnownAnswer) throws {
        let key = try VerificationKey(KeyMaterial(identifier: nil, numbers: answer.numbers))
        let (input, signature) = parts(answer.token)
        for place in input.indices {
            var other = input
            other[place] ^= 1 << UInt8(place % 8)
            #expect(!key.verifies(signature, over: other, answer.algorithm), "octet \(place)")
        }
    }

    @Test(arguments: KnownAnswer.all)
    func `a signature that is too short or too long is bad`(answer: KnownAnswer) throws {
        let key = try VerificationKey(KeyMaterial(identifier: nil, numbers: answer.numbers))
        let (input, signature) = parts(answer.token)
        for count in 0..<signature.count {
            #expect(!key.verifies(Array(signature[..<count]), over: input, answer.algorithm), "\(count) octets")
        }
        for more in [1, 2, 64, 1_000] {
            let longer = signature + [UInt8](repeating: 0, count: more)
            #expect(!key.verifies(longer, over: input, answer.algorithm))
            #expect(!key.verifies([UInt8](repeating: 0, count: more) + signature, over: input, answer.algorithm))
        }
    }
}
