import DripCore
import DripStore
import DripStoreSQLite
import DripTesting
import Foundation
import Testing

/// What survives: a killed process, and a power cut as far as counting syncs can show.
@Suite(.serialized) struct SQLiteDurabilityTests {
    /// Kills a process in the midst of its commits, again and again on one state: everything it said was committed is
    /// there, and nothing is half there.
    @Test func aKillLosesNothingThatWasCommitted() throws {
        let place = try ScratchDirectory()
        var random = SplitMix64(seed: 20_261_123)
        for round in 0..<10 {
            let state = place.path + "/\(round / 2)"
            let tool = try StoreTool(try StoreTool.path, ["churn", state])
            let lines = tool.lines(Int.random(in: 1...400, using: &random))
            tool.kill()
            let last = try #require(lines.last.flatMap { Int($0) }, "the tool said nothing")
            let store = try SQLiteStore.open(directory: state, holder: "test", now: StoreBed.start)
            let bed = StoreBed(store: store)
            try bed.audit()
            let status = try bed.read { try $0.statusSnapshot(now: StoreBed.start, today: StoreBed.day) }
            #expect(status.leads > last, "round \(round): \(status.leads) leads, \(last + 1) were acknowledged")
            store.close()
        }
    }

    /// Counts the syncs of the log: one for each commit at least, or a power cut would take what was acknowledged.
    ///
    /// The read-back of the pragma would not do: GRDB sets `synchronous=NORMAL` behind one's back.
    @Test func everyCommitSyncsTheLog() throws {
        let strace = try #require(
            ["/usr/bin/strace", "/usr/local/bin/strace"].first(where: FileManager.default.isExecutableFile(atPath:)),
            "strace is not installed: apt-get install strace")
        let place = try ScratchDirectory()
        let trace = place.path + "/trace"
        let commits = 60
        let tool = try StoreTool(
            strace,
            [
                "-f", "-y", "-e", "trace=fdatasync,fsync", "-o", trace, try StoreTool.path, "commits",
                place.path + "/state", "\(commits)",
            ])
        #expect(tool.lines(1) == ["\(commits)"])
        tool.process.waitUntilExit()
        #expect(tool.process.terminationStatus == 0)
        let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        let syncs = calls.filter { $0.contains("sync(") && $0.contains("dripd.sqlite-wal>") }
        #expect(syncs.count >= commits, "\(syncs.count) syncs of the log for \(commits) commits")
    }
}
