import Foundation
import Testing

/// `drip-bench-store` as another process: the one that holds a lock, is killed, or is traced.
struct StoreTool {
    /// Built beside the tests.
    static var path: String {
        get throws {
            let tests = URL(
                fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            let tool = tests.deletingLastPathComponent().appendingPathComponent("drip-bench-store").path
            try #require(FileManager.default.isExecutableFile(atPath: tool), "\(tool) is not built")
            return tool
        }
    }

    let process = Process()
    private let output = Pipe()

    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
    }

    /// Reads lines until there are `count` of them, or the output ends.
    func lines(_ count: Int) -> [String] {
        var text = Data()
        while text.count(where: { $0 == 0x0A }) < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text.append(more)
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        // What follows the last line feed was cut off by the kill.
        return lines.dropLast().map(String.init)
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
