package import DripCore

/// A campaigns folder at one moment: the bytes of every file that is read, by path.
package struct FileTree: Hashable, Sendable {
    /// Paths are relative to the folder, parted by `/`: `ebook-nurture/welcome.md`.
    package var files: [String: [UInt8]]
    /// What was wrong with the folder itself while it was read: too large, a link out of it, not readable.
    package var diagnostics: [Diagnostic]

    /// Folders of `files` that are earlier versions of campaigns (`CampaignVersion.folder`); none where it was read from disk.
    package var earlier: Set<String>

    package init(files: [String: [UInt8]], diagnostics: [Diagnostic] = [], earlier: Set<String> = []) {
        self.files = files
        self.diagnostics = diagnostics
        self.earlier = earlier
    }

    /// Reads a folder; throws a `Diagnostic` only where the folder itself cannot be read.
    ///
    /// Only `.yaml`, `.md` and `.html` files are taken, within the limits of design §5; what editors and
    /// version control leave beside them is passed over in silence, anything else with a diagnostic.
    package static func read(directory: String) throws -> FileTree {
        var reader = try FolderReader(directory)
        return try reader.read()
    }
}
