import CCurl
import DripCore
import Foundation
import Testing

@testable import DripDelivery

@Suite(.timeLimit(.minutes(1))) struct UnixSocketClientTests {
    /// A path for one test; a Unix socket's has at most 107 octets.
    static func path() -> String { "/tmp/dripd-\(UUID().uuidString.prefix(8)).sock" }

    @Test func asksAndReads() async throws {
        let path = Self.path()
        defer { unlink(path) }
        try await TestServer.python("http_faults.py", ["--unix", path]) { _ in
            let client = UnixSocketClient(path: path)
            let body = Array("{\"a\": 1}".utf8)
            let echoed = try client.request(method: "POST", path: "/echo", body: body, timeout: .seconds(10))
            #expect(echoed.status == 200)
            #expect(echoed.body == body)
            let empty = try client.request(method: "POST", path: "/echo", body: [], timeout: .seconds(10))
            #expect(empty.status == 200 && empty.body.isEmpty)
            for (method, status) in [("GET", 200), ("DELETE", 404), ("PUT", 503)] {
                #expect(
                    try client.request(method: method, path: "/status/\(status)", timeout: .seconds(10)).status
                        == status)
            }
            #expect(throws: UnixSocketClient.Failure.timedOut) {
                try client.request(method: "GET", path: "/hang", timeout: .milliseconds(100))
            }
        }
    }

    @Test func saysThatNobodyListens() throws {
        let path = Self.path()
        #expect(throws: UnixSocketClient.Failure.nobodyListens(path: path)) {
            try UnixSocketClient(path: path).request(method: "GET", path: "/", timeout: .seconds(5))
        }
        // A file that a killed daemon left behind: bound once, and nobody serves it any more.
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        close(left)
        defer { unlink(path) }
        try #require(isBound)
        #expect(throws: UnixSocketClient.Failure.nobodyListens(path: path)) {
            try UnixSocketClient(path: path).request(method: "GET", path: "/", timeout: .seconds(5))
        }
    }

    /// Tests often run as root, whom no mode keeps out; so this is asked of the mapping alone.
    @Test func tellsThatTheUserMayNot() {
        let client = UnixSocketClient(path: "/run/x")
        let refused = CurlFailure(CURLE_COULDNT_CONNECT)
        #expect(client.failure(refused, errno: EACCES) == .notAllowed(path: "/run/x"))
        #expect(client.failure(refused, errno: ENOENT) == .nobodyListens(path: "/run/x"))
        #expect(client.failure(refused, errno: EIO) == .other(refused.description))
    }

    @Test func failuresKeepTheirWords() {
        #expect("\(UnixSocketClient.Failure.notAllowed(path: "/run/x"))" == "this user may not use /run/x")
        #expect("\(UnixSocketClient.Failure.nobodyListens(path: "/run/x"))" == "nobody listens at /run/x")
    }

    @Test(arguments: [("GET", "x"), ("GET", "/a b"), ("GET", "/a\r\nX: y"), ("get", "/"), ("", "/"), ("A B", "/")])
    func refusesWhatIsNoRequest(method: String, path: String) {
        #expect(throws: UnixSocketClient.Failure.self) {
            try UnixSocketClient(path: "/tmp/none").request(method: method, path: path, timeout: .seconds(1))
        }
    }
}
