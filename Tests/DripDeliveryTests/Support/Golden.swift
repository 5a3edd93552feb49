import Foundation
import Testing

/// Compares with a file in `Goldens/`.
///
/// A golden that is not there yet is written, and the test fails, so that a person looks at it before it counts.
/// `DRIPD_RECORD_GOLDENS=1` writes them all anew.
func expectGolden(_ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.appending(path: "Goldens/\(name)")
    let isRecording = ProcessInfo.processInfo.environment["DRIPD_RECORD_GOLDENS"] == "1"
    guard !isRecording, let golden = try? Data(contentsOf: file) else {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        Issue.record("wrote the golden \(name): read it, and run again", sourceLocation: sourceLocation)
        return
    }
    #expect(
        String(decoding: golden, as: UTF8.self) == String(decoding: bytes, as: UTF8.self),
        "differs from Goldens/\(name)", sourceLocation: sourceLocation)
    let isSame = Array(golden) == bytes
    #expect(isSame, "differs from Goldens/\(name) in its bytes", sourceLocation: sourceLocation)
}
