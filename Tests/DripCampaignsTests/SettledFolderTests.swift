import DripCore
import Foundation
import Testing

@testable import DripCampaigns

/// Whoever writes while the folder is read: the clock is the test's, and its pauses are when more is written.
@Suite struct SettledFolderTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write("name: a", to: "a/campaign.yaml")
    }

    /// Reads beginning that long after the last change, doing something in each pause, which it outlasts by a second.
    private func read(after age: TimeSpan, pauses: @escaping (Int) throws -> Void = { _ in }) throws -> (FileTree, Int)
    {
        var ahead = age
        var count = 0
        var failure: (any Error)?
        let settled = SettledFolder(
            now: { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) + ahead },
            pause: { span in
                count += 1
                do { try pauses(count) } catch { failure = error }
                ahead = ahead + span
            })
        let tree = try settled.read(directory: folder.path)
        if let failure { throw failure }
        return (tree, count)
    }

    @Test func anOldFolderIsReadAtOnce() throws {
        let (tree, pauses) = try read(after: .seconds(60))
        #expect(tree.files.keys.sorted() == ["a/campaign.yaml"] && pauses == 0)
    }

    @Test func aYoungOneIsWaitedFor() throws {
        let (_, pauses) = try read(after: .zero)
        #expect(pauses > 0)
    }

    /// As a pull of many files does, one file after the other.
    @Test func whatComesWhileItIsWaitedForIsWaitedForAsWell() throws {
        let (tree, pauses) = try read(after: .zero) { [folder] count in
            if count <= 3 { try folder.write("name: b", to: "b\(count)/campaign.yaml") }
        }
        #expect(pauses > 0 && tree.files["b1/campaign.yaml"] != nil)
    }

    @Test func aRenamedFolderIsNew() throws {
        try folder.write("name: c", to: "c/campaign.yaml")
        #expect(try read(after: .seconds(60)).1 == 0)
        let manager = FileManager.default
        try manager.moveItem(atPath: "\(folder.path)/c", toPath: "\(folder.path)/d")
        let (tree, pauses) = try read(after: .zero)
        #expect(pauses > 0 && tree.files.keys.sorted() == ["a/campaign.yaml", "d/campaign.yaml"])
    }

    /// Git writes its lock first and takes it away last, also in a repository around the folder.
    @Test(arguments: ["", "a"]) func gitIsWaitedFor(inner: String) throws {
        try folder.write("", to: ".git/index.lock")
        let (tree, pauses) = try FolderProbe.read(folder.path + "/" + inner) { [folder] count in
            if count == 2 { try FileManager.default.removeItem(atPath: "\(folder.path)/.git/index.lock") }
        }
        #expect(pauses >= 2 && !tree.files.isEmpty)
    }

    @Test func aWorktreesLockIsWhereItsFilePointsTo() throws {
        try folder.write("gitdir: ../elsewhere/worktrees/a\n", to: "a/.git")
        try folder.write("", to: "elsewhere/worktrees/a/index.lock")
        let (_, pauses) = try FolderProbe.read(folder.path + "/a") { [folder] count in
            if count == 2 {
                try FileManager.default.removeItem(atPath: "\(folder.path)/elsewhere/worktrees/a/index.lock")
            }
        }
        #expect(pauses >= 2)
    }

    @Test func aLockThatGitLeftBehindIsPassedOver() throws {
        try folder.write("", to: ".git/index.lock")
        #expect(try read(after: .minutes(2)).1 == 0)
    }

    @Test func aClockThatWasSetBackHoldsNothingUp() throws {
        #expect(try read(after: .seconds(-60)).1 == 0)
    }

    @Test func aFolderThatNeverRestsIsAMistake() throws {
        var count = 0
        let start = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        var ahead = TimeSpan.zero
        let settled = SettledFolder(now: { start + ahead }, pause: { ahead = ahead + $0 })
        try folder.write("", to: ".git/index.lock")
        #expect {
            count += 1
            _ = try settled.read(directory: folder.path)
        } throws: { error in
            (error as? Diagnostic)?.message == "somebody has been writing to this folder for 10s, without a pause"
        }
        #expect(count == 1 && ahead >= .seconds(10) && ahead < .seconds(12))
    }
}

/// Reads on a clock that only the pauses move.
private enum FolderProbe {
    static func read(_ path: String, pauses: @escaping (Int) throws -> Void) throws -> (FileTree, Int) {
        let start = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) + .seconds(5)
        var (ahead, count) = (TimeSpan.zero, 0)
        var failure: (any Error)?
        let settled = SettledFolder(
            now: { start + ahead },
            pause: { span in
                count += 1
                ahead = ahead + span
                do { try pauses(count) } catch { failure = error }
            })
        let tree = try settled.read(directory: path)
        if let failure { throw failure }
        return (tree, count)
    }
}
