internal import CCurl
internal import Kernel

/// One transfer: libcurl's handle with everything it points to, and what has come so far. Used by the loop's thread only.
@safe
final class Transfer {
    let tag: UInt64
    let request: FetchRequest
    /// Created in `init`, never replaced, freed in `deinit`.
    let handle: OpaquePointer
    /// Where libcurl leaves its words; 256 bytes that live until the handle is freed.
    let errorText: UnsafeMutablePointer<CChar>
    /// Fields and the override of the address, in lists that live until the handle is freed.
    private var fieldList: UnsafeMutablePointer<curl_slist>?
    private var addressList: UnsafeMutablePointer<curl_slist>?

    // What has come.
    var fields: [FetchField] = []
    var body: [UInt8] = []
    var headBytes = 0
    var stop = Stop.none
    /// Why no socket could be opened; 0: none was refused.
    var socketErrorCode: Int32 = 0

    /// Why we ended the transfer ourselves.
    enum Stop {
        case none, headTooLarge, bodyTooLarge, bodyCut
    }

    /// Sets everything up; opens nothing. Throws when the request cannot be sent as it is.
    init(_ request: FetchRequest, tag: UInt64) throws(FetchError) {
        precondition(request.connectMilliseconds >= 1 && request.wholeMilliseconds >= 1)
        precondition(request.bodyLimit.bytes >= 0 && request.headBytesMax >= 0)
        let target = try RequestTarget(request)
        guard let created = unsafe curl_easy_init() else {
            throw FetchError(.outOfResources, "no memory for a transfer")
        }
        self.tag = tag
        self.request = request
        unsafe handle = created
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe fieldList = nil
        unsafe addressList = nil
        try setContext()
        try setTarget(target)
        try setBounds()
        try setMessage(host: target.hostField)
        try setTLS()
    }

    deinit {
        // The loop has taken the handle out of its set. The handle refers to the lists and the text, so it goes first.
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(fieldList)
        unsafe curl_slist_free_all(addressList)
        unsafe errorText.deallocate()
    }

    /// The transfer to which a handle belongs. It must be one of ours, and its transfer must be alive.
    static func of(_ handle: OpaquePointer) -> Transfer {
        let context = unsafe cc_get_pointer(handle, CURLINFO_PRIVATE)
        // Each handle got its transfer's address in `setContext`.
        return unsafe Unmanaged<Transfer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    // MARK: - Options

    private func setContext() throws(FetchError) {
        // Unretained: libcurl uses it only between `begin` and `end` of the loop, which holds this object meanwhile.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe check(cc_set_pointer(handle, CURLOPT_PRIVATE, context))
        try unsafe check(cc_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        try unsafe check(cc_set_receivers(handle, receiveHeadLine, receiveBody, context))
        try unsafe check(cc_set_opener(handle, openSocket, context))
    }

    private func setTarget(_ target: RequestTarget) throws(FetchError) {
        try set(CURLOPT_URL, target.url)
        // The path is the caller's; no dots are taken out of it.
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        if let destination = target.destination {
            // An empty host and port before it stand for any.
            unsafe addressList = curl_slist_append(nil, "::" + destination)
            try unsafe check(cc_set_list(handle, CURLOPT_CONNECT_TO, addressList))
        }
        if let scope = request.address?.scope, scope != 0 { try set(CURLOPT_ADDRESS_SCOPE, Int(scope)) }
        switch request.proxy {
        case .none: try set(CURLOPT_PROXY, "")
        case .environment: break
        case .url(let url): try set(CURLOPT_PROXY, url)
        }
    }

    private func setBounds() throws(FetchError) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32(clamping: request.connectMilliseconds)))
        try set(CURLOPT_TIMEOUT_MS, Int(Int32(clamping: request.wholeMilliseconds)))
        // A resolver that hangs is left to its own thread, which ends by itself; waiting for it would stop all transfers.
        try set(CURLOPT_QUICK_EXIT, 1)
        guard request.connection == .fresh else { return }
        try set(CURLOPT_FRESH_CONNECT, 1)
        try set(CURLOPT_FORBID_REUSE, 1)
        // A resumed session shows no certificate.
        try set(CURLOPT_SSL_SESSIONID_CACHE, 0)
    }

    private func setMessage(host: String?) throws(FetchError) {
        let version = request.version == .http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS
        try set(CURLOPT_HTTP_VERSION, Int(version))
        if request.sendsProxyHeader { try set(CURLOPT_HAPROXYPROTOCOL, 1) }
        if request.method == "HEAD" {
            try set(CURLOPT_NOBODY, 1)
        } else if !request.body.isEmpty || request.method == "POST" {
            // The library copies the bytes during the call; a body without any still needs some address.
            let code = unsafe request.body.withUnsafeBytes { bytes in
                guard let first = bytes.baseAddress, bytes.count > 0 else {
                    return unsafe cc_set_body(handle, "", 0)
                }
                return unsafe cc_set_body(handle, first, bytes.count)
            }
            try check(code)
        }
        if request.method != "HEAD" { try set(CURLOPT_CUSTOMREQUEST, request.method) }
        var lines = request.fields
        if let host, lines.firstValue("host") == nil { lines.append(FetchField("Host", host)) }
        for field in lines { try append("\(field.name)\(field.value.isEmpty ? ";" : ": \(field.value)")") }
        // Without these the library would add a type of its own, and wait for a `100` before large bodies.
        if lines.firstValue("content-type") == nil { try append("Content-Type:") }
        if lines.firstValue("expect") == nil { try append("Expect:") }
        try unsafe check(cc_set_list(handle, CURLOPT_HTTPHEADER, fieldList))
    }

    private func append(_ line: String) throws(FetchError) {
        // The library copies the text and returns the list's start, or nil without memory; the old list is still ours then.
        guard let longer = unsafe curl_slist_append(fieldList, line) else {
            throw FetchError(.outOfResources, "no memory for a transfer")
        }
        unsafe fieldList = longer
    }

    private func setTLS() throws(FetchError) {
        let tls = request.tls
        if let file = tls.authoritiesFile {
            try set(CURLOPT_CAINFO, file)
            // Otherwise the system's folder of authorities would count too.
            try unsafe check(cc_set_text(handle, CURLOPT_CAPATH, nil))
        }
        // Reading the system's authorities takes long enough to be worth keeping for a while.
        try set(CURLOPT_CA_CACHE_TIMEOUT, 60)
        if let file = tls.certificateFile { try set(CURLOPT_SSLCERT, file) }
        if let file = tls.keyFile { try set(CURLOPT_SSLKEY, file) }
        // Without a password OpenSSL would ask the terminal for the one of a sealed key, and this thread would wait for it.
        try set(CURLOPT_KEYPASSWD, "")
        try set(CURLOPT_SSL_VERIFYPEER, tls.verifies ? 1 : 0)
        try set(CURLOPT_SSL_VERIFYHOST, tls.verifies ? 2 : 0)
        let version = tls.minimumVersion == .tls12 ? CURL_SSLVERSION_TLSv1_2 : CURL_SSLVERSION_TLSv1_3
        try set(CURLOPT_SSLVERSION, Int(version))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(FetchError) {
        try unsafe check(cc_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ text: String) throws(FetchError) {
        guard !text.utf8.contains(0) else { throw FetchError(.invalidRequest, "a zero byte in the request") }
        // The library copies the text.
        try unsafe check(cc_set_text(handle, option, text))
    }

    private func check(_ code: CURLcode) throws(FetchError) {
        guard code != CURLE_OK else { return }
        // The library's texts are constants.
        let text = unsafe String(cString: curl_easy_strerror(code))
        throw FetchError(code == CURLE_OUT_OF_MEMORY ? .outOfResources : .invalidRequest, text)
    }
}
