import Foundation

/// What a run of the program came to.
struct Ended {
    var code: Int32
    var out: String
    var err: String
}

/// A folder with what an installation needs, one campaign `c` of the step `one` in it, and the program to be run on it.
///
/// It goes with the last that holds it.
final class Installed {
    let place: String

    /// `files` by path, beside those of the campaign or in their place; all of mode 600.
    init(_ name: String, _ files: (String) -> [String: String]) throws {
        place = NSTemporaryDirectory() + "dripd-\(name)-\(UUID().uuidString)"
        for folder in ["run", "providers", "campaigns/layouts", "campaigns/c"] {
            try FileManager.default.createDirectory(atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
        }
        for (path, text) in Self.campaign.merging(files(place), uniquingKeysWith: { $1 }) { try write(text, to: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: place) }

    func write(_ text: String, to path: String) throws {
        let folder = URL(fileURLWithPath: "\(place)/\(path)").deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(toFile: "\(place)/\(path)", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(place)/\(path)")
    }

    /// Runs the program that was built beside the tests; nil where a verb takes no configuration.
    func dripd(_ arguments: [String], _ configuration: String? = "dripd.yaml", input: String = "") throws -> Ended {
        let tests = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("dripd")
        process.arguments = arguments + (configuration.map { ["--config", "\(place)/\($0)"] } ?? [])
        let (out, err) = ("\(place)/out", "\(place)/err")
        for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let pipe = Pipe()
        process.standardInput = pipe
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        try process.run()
        // A program that reads nothing may be gone already.
        if !input.isEmpty { try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return Ended(
            code: process.terminationStatus, out: try String(contentsOfFile: out, encoding: .utf8),
            err: try String(contentsOfFile: err, encoding: .utf8))
    }

    private static let campaign = [
        "campaigns/policy.yaml": """
        sender: { name: Rumpun, address: halo@rumpun.example }
        postal_address: PT Rumpun, Jalan Melati 1, Jakarta
        unsubscribe_address: berhenti@rumpun.example
        time_zone: Asia/Jakarta
        """,
        "campaigns/layouts/default.html":
            "<html><body>{{ content }}{{ sender.postal_address }}<a href=\"{{ links.unsubscribe }}\">x</a></body></html>",
        "campaigns/c/campaign.yaml": "name: C\nsteps:\n  - { id: one, day: 1, at: \"10:00\", email: m.md }\n",
        "campaigns/c/m.md": "---\nsubject: Hello\n---\nHello.\n",
    ]
}
