internal import CCurl
internal import Kernel

// What libcurl's results mean.
extension Transfer {
    /// The outcome of a transfer that ended so.
    func outcome(_ code: CURLcode) -> FetchOutcome {
        let times = self.times
        return FetchOutcome(tag: tag, result: result(code, times), times: times)
    }

    private var times: FetchTimes {
        // The handle is valid while the transfer lives; so in all of this file.
        var times = FetchTimes()
        unsafe times.resolvedMicroseconds = Int(cc_get_wide(handle, CURLINFO_NAMELOOKUP_TIME_T))
        unsafe times.connectedMicroseconds = Int(cc_get_wide(handle, CURLINFO_CONNECT_TIME_T))
        unsafe times.securedMicroseconds = Int(cc_get_wide(handle, CURLINFO_APPCONNECT_TIME_T))
        unsafe times.firstByteMicroseconds = Int(cc_get_wide(handle, CURLINFO_STARTTRANSFER_TIME_T))
        unsafe times.wholeMicroseconds = Int(cc_get_wide(handle, CURLINFO_TOTAL_TIME_T))
        return times
    }

    private func result(_ code: CURLcode, _ times: FetchTimes) -> Result<FetchResponse, FetchError> {
        switch stop {
        case .headTooLarge:
            return .failure(FetchError(.tooLarge, "the head of the answer exceeds \(request.headBytesMax) bytes"))
        case .bodyTooLarge:
            return .failure(FetchError(.tooLarge, "the body of the answer exceeds \(request.bodyLimit.bytes) bytes"))
        case .bodyCut: return .success(response)
        case .none: break
        }
        return code == CURLE_OK ? .success(response) : .failure(error(code, times))
    }

    private var response: FetchResponse {
        let status = unsafe cc_get_long(handle, CURLINFO_RESPONSE_CODE)
        return FetchResponse(status: status, fields: fields, body: body, isBodyCut: stop == .bodyCut)
    }

    private func error(_ code: CURLcode, _ times: FetchTimes) -> FetchError {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return FetchError(.nameNotResolved, libraryText(code))
        case CURLE_COULDNT_CONNECT: return connectError(code)
        case CURLE_OPERATION_TIMEDOUT: return timeoutError(times)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return FetchError(.notTrusted, libraryText(code))
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            return FetchError(.tlsFailed, libraryText(code))
        case CURLE_URL_MALFORMAT: return FetchError(.invalidRequest, libraryText(code))
        case CURLE_OUT_OF_MEMORY: return FetchError(.outOfResources, "no memory for a transfer")
        case CURLE_GOT_NOTHING: return FetchError(.brokenOff, "closed without an answer")
        default: return FetchError(.brokenOff, libraryText(code))
        }
    }

    private func connectError(_ code: CURLcode) -> FetchError {
        if SystemError(code: socketErrorCode).isOutOfDescriptors {
            return FetchError(.outOfResources, "no socket: \(SystemError(code: socketErrorCode))")
        }
        let system = unsafe cc_get_long(handle, CURLINFO_OS_ERRNO)
        guard system != 0 else { return FetchError(.notConnected, libraryText(code)) }
        return FetchError(.notConnected, "cannot connect: \(SystemError(code: Int32(clamping: system)))")
    }

    private func timeoutError(_ times: FetchTimes) -> FetchError {
        let connect = min(request.connectMilliseconds, request.wholeMilliseconds)
        // The time of the TCP handshake is noted only with that of TLS; our own port is known as soon as there is a connection.
        guard unsafe times.connectedMicroseconds > 0 || cc_get_long(handle, CURLINFO_LOCAL_PORT) != 0 else {
            return FetchError(.timedOut, "no connection within \(connect) ms")
        }
        if request.url.lowercased().hasPrefix("https:"), times.securedMicroseconds == 0 {
            return FetchError(.timedOut, "the TLS handshake took more than \(connect) ms")
        }
        if times.firstByteMicroseconds == 0 {
            return FetchError(.timedOut, "no answer within \(request.wholeMilliseconds) ms")
        }
        return FetchError(.timedOut, "the answer was not complete within \(request.wholeMilliseconds) ms")
    }

    /// The library's words on this failure, as one line. They may quote the other side.
    private func libraryText(_ code: CURLcode) -> String {
        // The library ends its text with a zero within the buffer; its general texts are constants.
        var text = unsafe String(cString: errorText)
        if text.isEmpty { text = unsafe String(cString: curl_easy_strerror(code)) }
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(line)
    }
}
