import CCurl

/// One request, complete: nothing in it is decided any more.
struct HTTPRequest: Sendable {
    /// How libcurl signs or signs in; what needs no help of it stands in `headers`.
    enum Login: Sendable {
        case basic(username: String, password: String)
        /// `aws:amz:REGION:SERVICE` with a key.
        case awsSigV4(scope: String, accessKey: String, secretKey: String)
    }

    var method: String
    var url: String
    /// Whole lines, without line ends.
    var headers: [String]
    var login: Login?
    var body: [UInt8]

    /// Sets all that is this request's own on a fresh handle; the body is copied.
    func configure(_ easy: CurlEasy) throws(CurlFailure) {
        try easy.set(CURLOPT_URL, url)
        // What was filled in is what is sent: no `..` is resolved away.
        try easy.set(CURLOPT_PATH_AS_IS, 1)
        var headers = headers
        switch login {
        case .basic(let username, let password):
            try easy.set(CURLOPT_USERNAME, username)
            try easy.set(CURLOPT_PASSWORD, password)
        case .awsSigV4(let scope, let accessKey, let secretKey):
            try easy.set(CURLOPT_AWS_SIGV4, scope)
            try easy.set(CURLOPT_USERNAME, accessKey)
            try easy.set(CURLOPT_PASSWORD, secretKey)
            // libcurl before 8.3 signs a header that it was told to leave out (curl issue 11664).
            headers.removeAll { $0 == HTTPRequest.noExpect }
        case nil: break
        }
        try easy.set(CURLOPT_HTTPHEADER, list: headers)
        try easy.setPostBody(body)
        if method != "POST" { try easy.set(CURLOPT_CUSTOMREQUEST, method) }
    }

    /// Keeps libcurl from asking first whether it may send a large body.
    static let noExpect = "Expect:"
}
