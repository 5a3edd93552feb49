import CCurl

/// Why libcurl refused, with its code and its own words.
package struct CurlFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A `CURLcode`, such as 7 for a refused connection.
    package let code: Int
    package let description: String

    init(_ code: CURLcode, detail: String = "") {
        self.code = Int(code.rawValue)
        let words = curl_easy_strerror(code).map { String(cString: $0) } ?? "error"
        description = "\(detail.isEmpty ? words : detail) (curl \(code.rawValue))"
    }
}

/// The process-wide part of libcurl.
enum CurlLibrary {
    /// Initialised once, on first use; the global initialiser of a `static let` is itself thread-safe.
    ///
    /// SIGPIPE is ignored here as well: `CURLOPT_NOSIGNAL` keeps libcurl from doing so around each call, and OpenSSL
    /// writes to sockets that the other side has closed.
    private static let started: CURLcode = {
        drip_ignore_sigpipe()
        return drip_global_init()
    }()

    static func start() throws(CurlFailure) {
        guard started == CURLE_OK else { throw CurlFailure(started, detail: "libcurl does not start") }
    }
}

/// One libcurl easy handle, with its error buffer and every return code checked.
///
/// Callbacks are given as non-capturing functions with a context pointer; the caller keeps the context alive.
// SAFETY: a handle may be used from any thread, but by one at a time. Each owner hands it over whole: a connecting
// thread to the transport's queue (through `DispatchQueue.async`, which orders the accesses), or keeps it on its thread.
final class CurlEasy: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    /// libcurl writes here during calls, so it lives exactly as long as the handle.
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var opener: UnsafeMutablePointer<drip_socket_opener>?

    init() throws(CurlFailure) {
        try CurlLibrary.start()
        guard let handle = curl_easy_init() else { throw CurlFailure(CURLE_OUT_OF_MEMORY) }
        self.handle = handle
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(errorBuffer))
        try set(CURLOPT_NOSIGNAL, 1)
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        errorBuffer.deallocate()
        opener?.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try check(drip_set_long(handle, option, value))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ value: String) throws(CurlFailure) {
        try check(drip_set_string(handle, option, value))
    }

    func set(_ option: CURLoption, offset value: Int64) throws(CurlFailure) {
        try check(drip_set_offset(handle, option, curl_off_t(value)))
    }

    /// The list is freed with this handle.
    func set(_ option: CURLoption, list values: [String]) throws(CurlFailure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values {
            guard let longer = curl_slist_append(list, value) else {
                curl_slist_free_all(list)
                throw CurlFailure(CURLE_OUT_OF_MEMORY)
            }
            list = longer
        }
        if let list { lists.append(list) }
        try check(drip_set_list(handle, option, list))
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(CurlFailure) {
        try check(drip_set_pointer(handle, option, pointer))
    }

    /// Makes it a POST of these bytes, which libcurl copies.
    func setPostBody(_ bytes: [UInt8]) throws(CurlFailure) {
        try set(CURLOPT_POST, 1)
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(bytes.count))
        let code = bytes.withUnsafeBytes { body in
            var empty: UInt8 = 0
            return withUnsafeMutableBytes(of: &empty) { empty in
                // A nil pointer would mean "read the body from a callback".
                let start = body.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? empty.baseAddress
                return drip_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start)
            }
        }
        try check(code)
    }

    func setWriteFunction(_ function: drip_bytes_callback, context: UnsafeMutableRawPointer) throws(CurlFailure) {
        try check(drip_set_write_function(handle, function))
        try set(CURLOPT_WRITEDATA, pointer: context)
    }

    func setHeaderFunction(_ function: drip_bytes_callback, context: UnsafeMutableRawPointer) throws(CurlFailure) {
        try check(drip_set_header_function(handle, function))
        try set(CURLOPT_HEADERDATA, pointer: context)
    }

    func setProgressFunction(
        _ function: drip_progress_callback, context: UnsafeMutableRawPointer
    ) throws(CurlFailure) {
        try check(drip_set_progress_function(handle, function))
        try set(CURLOPT_XFERINFODATA, pointer: context)
        try set(CURLOPT_NOPROGRESS, 0)
    }

    func setPrerequestFunction(
        _ function: drip_prerequest_callback, context: UnsafeMutableRawPointer
    ) throws(CurlFailure) {
        try check(drip_set_prerequest_function(handle, function))
        try set(CURLOPT_PREREQDATA, pointer: context)
    }

    /// Asks for every connection's socket: whoever answers -1 keeps it from being made.
    func setSocketFunction(
        _ function: @escaping drip_socket_callback, context: UnsafeMutableRawPointer
    ) throws(CurlFailure) {
        let opener = opener ?? .allocate(capacity: 1)
        opener.initialize(to: drip_socket_opener(function: function, context: context))
        self.opener = opener
        try check(drip_set_socket_opener(handle, opener))
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return drip_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return drip_get_offset(handle, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    /// Blocks until the transfer, or with `CONNECT_ONLY` the connection, is done.
    func perform() throws(CurlFailure) {
        try check(curl_easy_perform(handle))
    }

    /// The socket of a `CONNECT_ONLY` connection.
    func socket() throws(CurlFailure) -> Int32 {
        var socket: curl_socket_t = -1
        try check(drip_get_socket(handle, CURLINFO_ACTIVESOCKET, &socket))
        guard socket >= 0 else { throw CurlFailure(CURLE_COULDNT_CONNECT, detail: "the connection has no socket") }
        return socket
    }

    /// What libcurl says about a failure of this handle.
    func failure(_ code: CURLcode) -> CurlFailure {
        let detail = String(cString: errorBuffer)
        errorBuffer[0] = 0
        return CurlFailure(code, detail: detail)
    }

    private func check(_ code: CURLcode) throws(CurlFailure) {
        guard code == CURLE_OK else { throw failure(code) }
    }
}
