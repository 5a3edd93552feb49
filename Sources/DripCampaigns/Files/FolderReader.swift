import DripCore
import Foundation

/// Walks a campaigns folder and takes in its files, each within the limits and none from outside.
///
/// The rule: a name that begins with `.` or is an editor's own (`x~`, `#x#`, `.#x`, `x.swp`, `4913`) is passed over;
/// only `.yaml`, `.md` and `.html` are read; 1 MiB each, 10,000 files, 16 folders deep; a link may point at a file
/// inside the same folder (as a Kubernetes volume does it), never out of it and never at a folder.
///
/// A file is opened by its resolved path without following a further link, and is judged by what was opened, so that a
/// name swapped in between cannot lead elsewhere or to a device that never ends.
struct FolderReader {
    private let root: String
    private var tree = FileTree(files: [:])
    private var isFull = false
    /// When any of the files and folders that it saw last changed, in its bytes, its name or its place; what lies behind
    /// `newest` says nothing.
    private(set) var changedAt = Instant.epoch
    private let newest: Instant

    private static let suffixes = [".yaml", ".md", ".html"]

    init(_ directory: String, newest: Instant = .distantFuture) throws {
        self.newest = newest
        guard let root = FolderReader.resolve(directory) else {
            throw FolderReader.unreadable(directory, cause: errno)
        }
        self.root = root
    }

    mutating func read() throws -> FileTree {
        guard let names = FolderReader.names(in: root) else {
            throw FolderReader.unreadable(root, cause: errno)
        }
        var status = stat()
        if lstat(root, &status) == 0 { note(status) }
        try read(names, in: "", depth: 1)
        return tree
    }

    private mutating func read(_ names: [String], in folder: String, depth: Int) throws {
        for name in names where !FolderReader.isPassedOver(name) {
            guard !isFull else { return }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard !name.unicodeScalars.contains(where: { $0.properties.isControl }) else {
                tell(
                    of: String(quoted(path).dropFirst().dropLast()), "the name holds a control character", "Rename it.")
                continue
            }
            var status = stat()
            guard lstat("\(root)/\(path)", &status) == 0 else {
                // Gone since the folder was listed: as if it had never been there.
                if errno != ENOENT { tellUnreadable(path, cause: errno) }
                continue
            }
            note(status)
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try readFolder(path, depth: depth)
            case S_IFLNK: readLink(path)
            case S_IFREG: readFile(path, at: "\(root)/\(path)")
            default: tell(of: path, "this is neither a file nor a folder", "Take it away.")
            }
        }
    }

    private mutating func note(_ status: stat) {
        let at = Int64(status.st_ctim.tv_sec) * 1_000 + Int64(status.st_ctim.tv_nsec) / 1_000_000
        if at <= newest.milliseconds { changedAt = max(changedAt, Instant(milliseconds: at)) }
    }

    private mutating func readFolder(_ path: String, depth: Int) throws {
        guard depth < FileLimits.folderNesting else {
            tell(of: path, "folders lie more than \(FileLimits.folderNesting) deep", "Move the files up.")
            return
        }
        guard let names = FolderReader.names(in: "\(root)/\(path)") else {
            tellUnreadable(path, cause: errno)
            return
        }
        try read(names, in: path, depth: depth + 1)
    }

    private mutating func readLink(_ path: String) {
        guard let target = FolderReader.resolve("\(root)/\(path)") else {
            tell(of: path, "the link points at nothing", "Mend the link, or delete it.")
            return
        }
        guard target.hasPrefix("\(root)/") else {
            tell(of: path, "the link leads out of the campaigns folder", "Put a copy of the file here.")
            return
        }
        var status = stat()
        guard stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            tell(of: path, "the link does not point at a file", "Put the files themselves here.")
            return
        }
        readFile(path, at: target)
    }

    private mutating func readFile(_ path: String, at place: String) {
        guard FolderReader.suffixes.contains(where: { path.hasSuffix($0) }) else {
            tellOfName(path)
            return
        }
        guard tree.files.count < FileLimits.files else {
            isFull = true
            tell(
                of: path,
                "the folder holds more than \(FileLimits.files) files; this one and those after it are not read",
                "Take files away that no campaign needs.")
            return
        }
        let descriptor = open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            tellUnreadable(path, cause: errno)
            return
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            tell(of: path, "this is no file", "Take it away.")
            return
        }
        switch FolderReader.bytes(of: descriptor, atMost: FileLimits.bytesPerFile) {
        case .some(let bytes) where bytes.count <= FileLimits.bytesPerFile: tree.files[path] = bytes
        case .some: tree.diagnostics.append(SourceText.tooLarge(path: path))
        case nil: tellUnreadable(path, cause: errno)
        }
    }

    /// All bytes, or one more than the limit where there are more; nil where reading failed.
    static func bytes(of descriptor: Int32, atMost limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        let chunk = 65_536
        while bytes.count <= limit {
            let before = bytes.count
            var failed = false
            let piece = [UInt8](unsafeUninitializedCapacity: min(chunk, limit + 1 - before)) { buffer, count in
                let got = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
                failed = got < 0 && errno != EINTR
                count = max(0, got)
                if got < 0, errno == EINTR { failed = false }
            }
            if failed { return nil }
            bytes += piece
            if bytes.count == before { break }
        }
        return bytes
    }

    // MARK: - Names

    static func isPassedOver(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~") || name.hasSuffix(".swp") || name == "4913"
            || name.count > 1 && name.hasPrefix("#") && name.hasSuffix("#")
    }

    private mutating func tellOfName(_ path: String) {
        for (wrong, right) in [(".yml", ".yaml"), (".markdown", ".md"), (".htm", ".html")] where path.hasSuffix(wrong) {
            warn(of: path, "a file that ends in `\(wrong)` is not read", "Rename it so that it ends in `\(right)`.")
            return
        }
        warn(of: path, "this file is not read", "Only files that end in `.yaml`, `.md` or `.html` are.")
    }

    /// The names in a folder, sorted, so that the same folder always gives the same result.
    private static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    // MARK: - Diagnostics

    private mutating func tell(of path: String, _ message: String, _ hint: String) {
        tree.diagnostics.append(Diagnostic(.error, file: path, line: 0, column: 0, message: message, hint: hint))
    }

    private mutating func warn(of path: String, _ message: String, _ hint: String) {
        tree.diagnostics.append(Diagnostic(.warning, file: path, line: 0, column: 0, message: message, hint: hint))
    }

    private mutating func tellUnreadable(_ path: String, cause: Int32) {
        tree.diagnostics.append(FolderReader.unreadable(path, cause: cause))
    }

    static func unreadable(_ path: String, cause: Int32) -> Diagnostic {
        Diagnostic(
            .error, file: path, line: 0, column: 0, message: "it cannot be read: \(String(cString: strerror(cause)))",
            hint: cause == ENOENT ? "Check the path." : "Check that the user who runs dripd may read it.")
    }
}
