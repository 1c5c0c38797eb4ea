internal import COpenSSL
internal import Glibc

/// Certificates read from a PEM text, in their order; freed with the list.
@safe
struct X509List: ~Copyable {
    /// Why a text has no certificates to give.
    enum Failure: Error, Equatable {
        case empty
        case notPEM
        /// The block with this index, from 0, is no certificate.
        case damaged(index: Int)
        case tooMany
    }

    // Each is owned by the list, and never nil.
    private let certificates: [OpaquePointer]

    var count: Int { unsafe certificates.count }

    /// The certificate with an index; valid as long as the list.
    subscript(index: Int) -> OpaquePointer { unsafe certificates[index] }

    private init(owning certificates: [OpaquePointer]) {
        unsafe self.certificates = certificates
    }

    /// Reads every certificate of the text; other blocks are skipped. The library may be nil for the default one.
    static func read(pem: [UInt8], library: OpaquePointer?) throws(Failure) -> X509List {
        guard pem.contains(where: { !isBlank($0) }) else { throw .empty }
        var found: [OpaquePointer] = unsafe []
        let failure = unsafe read(pem, library, into: &found)
        let list = unsafe X509List(owning: found)
        if let failure { throw failure }
        return list
    }

    deinit {
        for index in unsafe certificates.indices { unsafe X509_free(certificates[index]) }
    }

    private static func read(
        _ pem: [UInt8], _ library: OpaquePointer?, into found: inout [OpaquePointer]
    ) -> Failure? {
        OpenSSLErrors.clear()
        defer { ERR_clear_error() }
        return unsafe pem.withUnsafeBufferPointer { bytes -> Failure? in
            guard let count = Int32(exactly: bytes.count), let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, count)
            else { return .notPEM }
            // The BIO reads the bytes only as long as they are borrowed.
            defer { unsafe BIO_free(bio) }
            while true {
                var certificate = unsafe X509_new_ex(library, nil)
                guard unsafe PEM_read_bio_X509(bio, &certificate, nil, nil) != nil, let certificate = unsafe certificate
                else {
                    // On failure OpenSSL has freed the object or never touched it; it sets the variable to nil in the first case.
                    unsafe X509_free(certificate)
                    let isEnd = OpenSSLErrors.reason(of: ERR_peek_last_error()) == PEM_R_NO_START_LINE
                    if !isEnd { return unsafe .damaged(index: found.count) }
                    return unsafe found.isEmpty ? .notPEM : nil
                }
                guard unsafe found.count < TLSDefaults.certificatesMax else {
                    unsafe X509_free(certificate)
                    return .tooMany
                }
                unsafe found.append(certificate)
            }
        }
    }

    /// A store that trusts all of them; the caller owns it.
    func makeStore() throws(TLSConfigurationError) -> OpaquePointer {
        guard let store = unsafe X509_STORE_new() else { throw .library("no memory") }
        for index in unsafe certificates.indices where unsafe X509_STORE_add_cert(store, certificates[index]) != 1 {
            unsafe X509_STORE_free(store)
            throw .library(OpenSSLErrors.takeText())
        }
        return unsafe store
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension X509List.Failure {
    /// The same, said of a chain.
    var problem: CertificateProblem {
        switch self {
        case .empty: .emptyFile
        case .notPEM, .tooMany: .notPEM
        case .damaged(let index): .damaged(position: index + 1)
        }
    }
}
