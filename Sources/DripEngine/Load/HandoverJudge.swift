import DripCore
import DripMessages

/// Whether only notes to colleagues say what is for colleagues: the link in it speaks for the owner.
enum HandoverJudge {
    /// The messages of a campaign that go to leads and name `handoff`.
    static func strays(in entry: Programme.Entry) -> [Diagnostic] {
        let told = entry.messages.filter(\.value.holdsHandover).keys.filter { path in
            entry.campaign.steps.contains { step in
                step.notice == nil && (step.message?.allPaths.contains(path) ?? false)
            }
        }
        return told.sorted().map { path in
            Diagnostic(
                .error, file: path, line: 0, column: 0,
                message: "`handoff` is for colleagues, and this message goes to the lead",
                hint: "Take what begins with `handoff.` out of it, or send it by `notify`.")
        }
    }
}
