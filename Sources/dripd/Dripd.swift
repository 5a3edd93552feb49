import ArgumentParser

/// The one binary: `dripd VERB`.
@main
struct Dripd: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "dripd",
        abstract: "Sends each lead the next step of its campaign, at the right time, at most once.",
        discussion: """
            Marketers write campaigns as files; dripd runs them. Ops start it with `dripd run` (a systemd service), \
            everybody else speaks to the running daemon with the other verbs.
            """,
        version: version,
        subcommands: [
            Run.self, Reload.self, Check.self, Preview.self, TestSend.self, Plan.self, Apply.self, Import.self,
            Enroll.self,
            EventCommand.self, Suppress.self, Unsuppress.self, Pause.self, Resume.self, Resolve.self, MergeVerb.self,
            TagVerb.self, StageVerb.self, OwnersVerb.self, HandoffVerb.self, CRMVerb.self, ExportVerb.self,
            EraseVerb.self,
            HookCommand.self,
            TokenVerb.self, LeadCommand.self, LeadsVerb.self, Explain.self, Status.self, ReportVerb.self,
            SchemaCommand.self,
            FormVerb.self,
        ])
}
