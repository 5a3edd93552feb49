import DripCore
import Foundation

/// The system's zone files, as bytes: what they mean is the business of `Zone` in Core.
package struct ZoneFiles: Sendable {
    /// TZif bytes (RFC 9636) by IANA name: `Asia/Jakarta`.
    package var zones: [String: [UInt8]]
    /// `2025b`, or `unknown`.
    package var version: String

    /// The same zones in other clothes (`posix/`, `right/` with leap seconds), and names that are no place.
    private static let passedOver: Set<String> = ["posix", "right", "posixrules", "localtime", "Factory"]
    /// The largest zone of today has 4 KiB, and there are 600.
    private static let bytesPerZone = 65_536
    private static let zonesAtMost = 5_000
    private static let nesting = 4
    private static let magic = Array("TZif".utf8)

    /// Reads a zoneinfo folder; throws a `Diagnostic` where it cannot be read or holds no zone.
    package static func load(directory: String) throws -> ZoneFiles {
        let root = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        var zones: [String: [UInt8]] = [:]
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: root) else {
            throw FolderReader.unreadable(root, cause: errno == 0 ? ENOENT : errno)
        }
        collect(names, in: "", below: root, depth: 1, into: &zones)
        guard !zones.isEmpty else {
            throw Diagnostic(
                .error, file: root, line: 0, column: 0, message: "the folder holds no time zone",
                hint: "Install the package tzdata, or set `zoneinfo_directory` in dripd.yaml.")
        }
        return ZoneFiles(zones: zones, version: version(below: root))
    }

    private static func collect(
        _ names: [String], in folder: String, below root: String, depth: Int, into zones: inout [String: [UInt8]]
    ) {
        for name in names.sorted() where !passedOver.contains(name) && !name.hasPrefix(".") {
            guard zones.count < zonesAtMost else { return }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            // Links are followed: Debian writes old names as links, and other systems link whole trees.
            guard stat("\(root)/\(path)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard depth < nesting,
                    let inner = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)")
                else { continue }
                collect(inner, in: path, below: root, depth: depth + 1, into: &zones)
            } else if let bytes = bytes(of: "\(root)/\(path)"), bytes.starts(with: magic) {
                zones[path] = bytes
            }
        }
    }

    /// A regular file's bytes; nil where it is none, too large, or cannot be read.
    private static func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= bytesPerZone,
            let bytes = FolderReader.bytes(of: descriptor, atMost: bytesPerZone), bytes.count <= bytesPerZone
        else { return nil }
        return bytes
    }

    /// From the first line of `tzdata.zi`: `# version 2025b`.
    private static func version(below root: String) -> String {
        let descriptor = open("\(root)/tzdata.zi", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        defer { close(descriptor) }
        guard let head = FolderReader.bytes(of: descriptor, atMost: 127) else { return "unknown" }
        let line = String(decoding: head.prefix { $0 != 0x0A }, as: UTF8.self)
        let opening = "# version "
        guard line.hasPrefix(opening) else { return "unknown" }
        let version = line.dropFirst(opening.count).prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return version.isEmpty ? "unknown" : String(version)
    }
}
