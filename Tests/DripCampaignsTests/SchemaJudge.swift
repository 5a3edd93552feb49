import DripCampaigns
import Foundation
import Testing

/// A judge of files by their schemas that is not ours: `scripts/support/schema_judge.py`, as check-jsonschema judges.
enum SchemaJudge {
    struct File: Hashable {
        var kind: FileSchema
        var text: String
    }

    enum Verdict: Hashable {
        case sound
        case mistaken([String])
        /// No YAML, or none that this reader takes.
        case unreadable

        var isMistaken: Bool {
            if case .mistaken = self { return true }
            return false
        }
    }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    /// Judges many in one go; without Python and its packages the test fails.
    static func judge(_ files: [File]) throws -> [Verdict] {
        let schemas = try FileSchema.allCases.map {
            ($0.rawValue, try JSONSerialization.jsonObject(with: Data($0.schema.json.utf8)))
        }
        let asked: [String: Any] = [
            "schemas": Dictionary(uniqueKeysWithValues: schemas), "files": files.map { [$0.kind.rawValue, $0.text] },
        ]
        // Through files: neither side waits for the other to empty a pipe.
        let place = NSTemporaryDirectory() + "dripd-judge-\(UUID().uuidString)"
        defer { for end in [".in", ".out"] { try? FileManager.default.removeItem(atPath: place + end) } }
        try JSONSerialization.data(withJSONObject: asked).write(to: URL(filePath: place + ".in"))
        _ = FileManager.default.createFile(atPath: place + ".out", contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [repository.appending(path: "scripts/support/schema_judge.py").path(), "--batch"]
        process.standardInput = FileHandle(forReadingAtPath: place + ".in")
        process.standardOutput = FileHandle(forWritingAtPath: place + ".out")
        try process.run()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0,
            "schema_judge.py failed; are python3-jsonschema and python3-ruamel.yaml installed?")
        let answer = try JSONDecoder().decode(
            [[String]?].self, from: try Data(contentsOf: URL(filePath: place + ".out")))
        try #require(answer.count == files.count)
        return answer.map { mistakes in
            mistakes.map { $0.isEmpty ? .sound : .mistaken($0) } ?? .unreadable
        }
    }
}
