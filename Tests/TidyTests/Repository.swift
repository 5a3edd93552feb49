import Foundation

/// The files of this repository, as they lie on disk; what git ignores is left out.
struct Repository {
    struct File {
        /// Relative to the root, with slashes: `Sources/DripCore/Rules/Gap.swift`.
        let path: String
        let text: String
        /// Without comments and texts; empty for what is not Swift.
        let code: String

        init(path: String, text: String) {
            self.path = path
            self.text = text
            self.code = path.hasSuffix(".swift") ? SwiftCode.only(text) : ""
        }
    }

    /// Found from this very file, so that the tests run from any working directory.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// What builds and editors leave behind.
    static let ignored: Set<String> = [".build", ".git", ".swiftpm", "Package.resolved", "__pycache__", ".DS_Store"]

    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root).filter { !ignored.contains($0) }.sorted()
    }

    /// Every text file below the root, read once for all rules.
    static func files() throws -> [File] { try read.get() }

    private static let read = Result {
        var found: [File] = []
        try collect(URL(filePath: root), prefix: "", into: &found)
        return found
    }

    static func swiftFiles(under folder: String) throws -> [File] {
        try files().filter { $0.path.hasPrefix(folder) && $0.path.hasSuffix(".swift") }
    }

    private static func collect(_ folder: URL, prefix: String, into found: inout [File]) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            guard !ignored.contains(name), !name.hasSuffix(".swp") else { continue }
            let url = folder.appending(path: name)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                try collect(url, prefix: prefix + name + "/", into: &found)
            } else if let text = String(bytes: try Data(contentsOf: url), encoding: .utf8) {
                found.append(File(path: prefix + name, text: text))
            }
        }
    }
}
