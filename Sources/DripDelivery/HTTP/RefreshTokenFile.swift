import Crypto
import DripCore
import Foundation

/// Keeps the refresh token that a provider gave in place of the configured one.
///
/// The rule: some providers end a refresh token when they give a new one (RFC 6749 §6), and a credential of systemd cannot be
/// written, so the new one lies in the state directory, one file a transport, mode 0600. It counts while the configured one
/// is the same as when it was written: a person who configures another is never overruled. Edge cases: no file, one that
/// cannot be read, or one of another configured token is no token; it is written whole or not at all, and belongs to whom the
/// directory belongs to, so that a trial by another user leaves it readable to the daemon.
package struct RefreshTokenFile: Sendable {
    private let path: String
    private let directory: String

    /// `directory` is made, 0700, when there is something to keep.
    package init(directory: String, transport: String) {
        self.directory = directory
        path = "\(directory)/\(transport)"
    }

    /// What stands in place of that configured token; nil where nothing does.
    func token(for configured: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else { return nil }
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 2, lines[0] == Self.mark(of: configured), HTTPTarget.isHeaderValue(lines[1]) else {
            return nil
        }
        return lines[1]
    }

    /// Keeps one; answers why it could not, nil where it is on disk.
    func keep(_ token: String, for configured: String) -> String? {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { return failure(directory) }
        var owner = stat()
        guard stat(directory + "/..", &owner) == 0 else { return failure(directory) }
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return failure(draft) }
        defer { close(descriptor) }
        if geteuid() == 0 {
            guard fchown(descriptor, owner.st_uid, owner.st_gid) == 0,
                chown(directory, owner.st_uid, owner.st_gid) == 0
            else { return failure(draft) }
        }
        let text = Array("\(Self.mark(of: configured))\n\(token)\n".utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, rename(draft, path) == 0
        else { return failure(draft) }
        return nil
    }

    /// A secret is never written beside another one.
    private static func mark(of configured: String) -> String {
        SHA256.hash(data: Data(configured.utf8)).hexadecimal
    }

    private func failure(_ path: String) -> String { "\(path): \(String(cString: strerror(errno)))" }
}
