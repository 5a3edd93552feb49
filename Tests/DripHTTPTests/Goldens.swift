import Foundation
import Testing

/// Compares with a file in `Goldens/`, which is written where it is not there yet: see that of the messages.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
    let isRecording = ProcessInfo.processInfo.environment["DRIPD_RECORD_GOLDENS"] == "1"
    guard !isRecording, let golden = try? String(contentsOf: file, encoding: .utf8) else {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("wrote the golden \(name): read it, and run again", sourceLocation: sourceLocation)
        return
    }
    #expect(golden == text, "differs from Goldens/\(name)", sourceLocation: sourceLocation)
}
