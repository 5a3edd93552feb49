import Foundation
import Glibc
import Synchronization

/// What a test cannot do without; a machine that lacks it fails the test and says how to mend that.
struct MissingTool: Error, CustomStringConvertible {
    let description: String

    init(_ name: String, package: String) {
        description = "\(name) is missing; install it with: apt-get install \(package)"
    }
}

/// A server that ended before it listened, with what it printed.
struct DeadServer: Error, CustomStringConvertible {
    let description: String
}

/// A server in a process of its own, which lives as long as the closure that uses it.
final class TestServer: Sendable {
    private let log: ProcessLog
    private let fixedPort: Int

    private init(log: ProcessLog, fixedPort: Int = 0) {
        self.log = log
        self.fixedPort = fixedPort
    }

    /// Where it listens; 0 for one on a Unix socket.
    var port: Int { fixedPort > 0 ? fixedPort : lines("PORT ").first.flatMap { Int($0.dropFirst(5)) } ?? 0 }

    /// The lines that it has printed so far and that begin with `prefix`.
    func lines(_ prefix: String) -> [String] { log.lines(prefix) }

    /// Returns once it has printed `count` lines that begin with `prefix`.
    func printed(_ prefix: String, count: Int = 1) async { await log.wait(for: prefix, count: count) }

    /// Runs one of the Python servers in `Tests/Support`, from when it listens until `body` returns.
    static func python<Value>(
        _ script: String, _ arguments: [String] = [], _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let (process, log) = try launch(try python3(), [Tools.supportDirectory + script] + arguments)
        defer { end(process) }
        let server = TestServer(log: log)
        let sign = arguments.contains("--unix") ? "READY" : "PORT "
        await server.printed(sign)
        guard !server.lines(sign).isEmpty else {
            throw DeadServer(description: "\(script) does not start: \(log.lines("").joined(separator: " / "))")
        }
        return try await body(server)
    }

    /// Runs Postfix's `smtp-sink` on a free port, from when it takes connections until `body` returns.
    static func sink<Value>(
        _ arguments: [String] = [], _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        guard let sink = Tools.find("smtp-sink") else { throw MissingTool("smtp-sink", package: "postfix") }
        let user = getuid() == 0 ? ["-u", "nobody"] : []
        // Another process may take the port between its choice and its use; then another one is chosen.
        for _ in 0..<5 {
            let port = try freePort()
            let (process, log) = try launch(sink, user + arguments + ["127.0.0.1:\(port)", "100"])
            defer { end(process) }
            while process.isRunning {
                if isListening(port) { return try await body(TestServer(log: log, fixedPort: port)) }
                await Task.yield()
            }
        }
        throw DeadServer(description: "smtp-sink does not start on any port")
    }

    /// The first Python 3 that has aiosmtpd; another one of the machine may lack it.
    private static func python3() throws -> String {
        for path in ["/usr/bin/python3", Tools.find("python3")].compactMap({ $0 }) {
            if try Tools.succeeds(path, ["-c", "import aiosmtpd"]) { return path }
        }
        throw MissingTool("Python 3 with aiosmtpd", package: "python3-aiosmtpd")
    }

    /// Not by SIGTERM: started from a Dispatch thread, the process inherits a mask that blocks it.
    private static func end(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
    }

    private static func launch(_ path: String, _ arguments: [String]) throws -> (Process, ProcessLog) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        let log = ProcessLog()
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                log.end()
            } else {
                log.append(String(decoding: data, as: UTF8.self))
            }
        }
        try process.run()
        return (process, log)
    }

    /// A port that refuses connections for as long as `body` runs: it is taken, and nobody listens.
    static func closedPort<Value>(_ body: (Int) async throws -> Value) async throws -> Value {
        let (holder, port) = try boundSocket()
        defer { close(holder) }
        return try await body(port)
    }

    private static func freePort() throws -> Int {
        let (holder, port) = try boundSocket()
        close(holder)
        return port
    }

    private static func boundSocket() throws -> (socket: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else {
            close(listener)
            throw DeadServer(description: "no port is free")
        }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func isListening(_ port: Int) -> Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// What a process printed, line by line, and who waits for more of it.
final class ProcessLog: Sendable {
    private struct Waiter {
        var prefix: String
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var lines: [String] = []
        var partial = ""
        var waiters: [Waiter] = []
        var isEnded = false

        func has(_ count: Int, _ prefix: String) -> Bool {
            isEnded || lines.count(where: { $0.hasPrefix(prefix) }) >= count
        }

        mutating func takeWoken() -> [Waiter] {
            let woken = waiters.filter { has($0.count, $0.prefix) }
            waiters = waiters.filter { !has($0.count, $0.prefix) }
            return woken
        }
    }

    private let state = Mutex(State())

    func lines(_ prefix: String) -> [String] {
        state.withLock { $0.lines.filter { $0.hasPrefix(prefix) } }
    }

    /// Returns once there are `count` lines that begin with `prefix`, or the process has ended.
    func wait(for prefix: String, count: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    guard !state.has(count, prefix), !Task.isCancelled else { return true }
                    state.waiters.append(Waiter(prefix: prefix, count: count, continuation: continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
    }

    func append(_ text: String) {
        let woken = state.withLock { state in
            state.partial += text
            var parts = state.partial.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            state.partial = parts.popLast() ?? ""
            state.lines += parts
            return state.takeWoken()
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    func end() {
        let woken = state.withLock { state in
            state.isEnded = true
            return state.takeWoken()
        }
        for waiter in woken { waiter.continuation.resume() }
    }
}

/// Programs of the machine that tests use.
enum Tools {
    /// `Tests/Support/`, beside this target's folder.
    static let supportDirectory =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Support/"

    static func find(_ name: String) -> String? {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (path + ["/usr/sbin", "/usr/bin"]).map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func succeeds(_ path: String, _ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// Certificates made by `openssl` for one run of the tests: an authority, and a server at localhost and 127.0.0.1.
struct Certificates: Sendable {
    let directory: String
    var authority: String { directory + "/ca.pem" }
    var certificate: String { directory + "/server.pem" }
    var key: String { directory + "/server.key" }
    /// For another host, by the same authority.
    var strangerCertificate: String { directory + "/stranger.pem" }

    var options: [String] { ["--cert", certificate, "--key", key] }

    /// Made once a run.
    static let shared = Result { try Certificates() }

    private init() throws {
        guard let openssl = Tools.find("openssl") else { throw MissingTool("openssl", package: "openssl") }
        directory = NSTemporaryDirectory() + "dripd-certificates-\(getpid())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let authorityKey = directory + "/ca.key"
        try run(
            openssl,
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", authorityKey, "-out", authority, "-days",
                "2",
                "-subj", "/CN=dripd test authority",
            ])
        for (file, names) in [(certificate, "DNS:localhost,IP:127.0.0.1"), (strangerCertificate, "DNS:elsewhere.test")]
        {
            let request = file + ".csr"
            let extensions = file + ".ext"
            try run(openssl, keyArguments + ["-new", "-subj", "/CN=dripd test server", "-out", request])
            try "subjectAltName=\(names)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
            try run(
                openssl,
                [
                    "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial",
                    "-days",
                    "2", "-extfile", extensions, "-out", file,
                ])
        }
    }

    /// One key serves both certificates: the first request makes it.
    private var keyArguments: [String] {
        FileManager.default.fileExists(atPath: key)
            ? ["req", "-key", key] : ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key]
    }

    private func run(_ path: String, _ arguments: [String]) throws {
        guard try Tools.succeeds(path, arguments) else {
            throw DeadServer(description: "openssl \(arguments.joined(separator: " ")) fails")
        }
    }
}
