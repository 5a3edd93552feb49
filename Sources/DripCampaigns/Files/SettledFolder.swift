package import DripCore
import Foundation

/// Reads a campaigns folder that somebody may be writing to, so that half an edit is never taken for a whole one.
///
/// The rule: what was read counts where nothing in the folder had changed for `quiet` before the reading began, nothing
/// changed while it was read, and git does not work on it. Until then it is read again, `quiet` apart; past `patience` that
/// is a mistake of the folder, and what ran last runs on.
///
/// A change is one of a file's bytes, name or place, by its inode (`ctime`, which nobody can set), so that an editor's
/// save, a `git pull` of many files, an unpacked archive and a renamed folder all count until they are over.
///
/// Edge cases: times that lie ahead (a clock that was set back) say nothing and are passed over. Git's `index.lock` is of
/// whichever repository the folder lies in; one that is older than a minute was left behind by a git that died.
package struct SettledFolder {
    static let quiet = TimeSpan.milliseconds(300)
    static let patience = TimeSpan.seconds(10)
    private static let oldestLock = TimeSpan.minutes(1)

    private let now: () -> Instant
    private let pause: (TimeSpan) -> Void

    /// `now` is the clock of the file system, `pause` waits for so long.
    package init(now: @escaping () -> Instant, pause: @escaping (TimeSpan) -> Void) {
        self.now = now
        self.pause = pause
    }

    /// Throws a `Diagnostic` where the folder cannot be read, or does not come to rest.
    package func read(directory: String) throws -> FileTree {
        let began = now()
        while true {
            let readAt = now()
            let (tree, changedAt) = try Self.look(directory, at: readAt)
            let isQuiet = changedAt <= readAt - Self.quiet
            if isQuiet, !Self.gitWorks(on: directory, now: readAt), try Self.look(directory, at: readAt).tree == tree {
                return tree
            }
            guard now() - began < Self.patience else {
                throw Diagnostic(
                    .error, file: directory, line: 0, column: 0,
                    message: "somebody has been writing to this folder for \(Self.patience), without a pause",
                    hint: "When that is over, run `dripd reload`.")
            }
            pause(Self.quiet)
        }
    }

    private static func look(_ directory: String, at now: Instant) throws -> (tree: FileTree, changedAt: Instant) {
        var reader = try FolderReader(directory, newest: now + quiet)
        return (try reader.read(), reader.changedAt)
    }

    /// Whether a git command holds the lock of the repository that the folder lies in.
    private static func gitWorks(on directory: String, now: Instant) -> Bool {
        var folder = URL(fileURLWithPath: directory).resolvingSymlinksInPath()
        while folder.path != "/" {
            if let git = gitFolder(in: folder.path) {
                var status = stat()
                guard stat(git + "/index.lock", &status) == 0 else { return false }
                let age = now - Instant(seconds: Int64(status.st_ctim.tv_sec))
                return age < oldestLock && age > .zero - oldestLock
            }
            folder.deleteLastPathComponent()
        }
        return false
    }

    /// Where git keeps what it knows of a folder: inside of it, or where a worktree's or a submodule's `.git` points to.
    private static func gitFolder(in folder: String) -> String? {
        var status = stat()
        let path = folder + "/.git"
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else { return path }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasPrefix("gitdir: ") else {
            return nil
        }
        let target = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
        return target.hasPrefix("/") ? target : folder + "/" + target
    }
}
