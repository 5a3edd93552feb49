import ArgumentParser
import DripCampaigns
import DripCore
import DripEngine
import Foundation

/// `dripd plan`.
struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show when each step of a campaign goes, and why then; nothing is sent.",
        discussion: """
            With --lead: the calendar of that lead, asked from dripd, by the files that run. Otherwise that of an \
            invented lead by the files as they are on disk: give it a zone, an instant of enrollment and, where \
            conditions and messages need them, facts with --set industry=fintech. Only time passes in a plan: every \
            message is accepted, and no other campaign sends.

            With --edit: whom the edit of the campaign that is held would touch, and how; `dripd apply` puts it live.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The campaign: the name of its folder.") var campaign: String
    @Option(help: "A lead's key or address.") var lead: String?
    @Option(help: "The invented lead's zone, such as Asia/Makassar; without it the campaign's.") var zone: String?
    @Option(
        help: "When it enrols: 2026-11-20 or 2026-11-20T18:30 on its clock, or an instant such as 2026-11-20T11:30:00Z."
    )
    var enrolledAt: String?
    @Option(help: "A fact of the invented lead, as name=value; repeat it for more.") var set: [String] = []
    @Option(help: "The campaigns folder; without it the one that dripd.yaml names.") var folder: String?
    @Flag(help: "What the held edit of the campaign would do.") var edit = false
    @Flag(help: "Print the answer as JSON.") var json = false

    func validate() throws {
        guard !edit || (lead == nil && zone == nil && enrolledAt == nil && set.isEmpty && folder == nil) else {
            throw ValidationError("--edit stands alone: it is about everybody who is enrolled")
        }
        guard lead == nil || (zone == nil && enrolledAt == nil && set.isEmpty && folder == nil) else {
            throw ValidationError("--lead stands alone: its facts are stored, and its files are those that run")
        }
    }

    func run() throws {
        if edit { return try showEdit() }
        let answer = try lead.map { try stored($0) } ?? invented()
        Terminal.say(json ? try Output.json(answer) : Output.text(answer))
    }

    private func showEdit() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "plan")
        let plan = try access.perform(.editPlan(CampaignID(rawValue: campaign)), EditPlan.self) { reply in
            if case .editPlanned(let plan) = reply { plan } else { nil }
        }
        Terminal.say(json ? try Output.json(plan) : Output.text(plan))
    }

    private func stored(_ lead: String) throws -> PlanAnswer {
        let access = try Access.find(try options.load(), for: .read, verb: "plan")
        let command = Command.plan(lead: lead, campaign: CampaignID(rawValue: campaign))
        return try access.perform(command, PlanAnswer.self) { reply in
            if case .planned(let answer) = reply { answer } else { nil }
        }
    }

    private func invented() throws -> PlanAnswer {
        let (programme, entry) = try DiskCampaign.load(campaign, folder: folder, options: options)
        if let zone, programme.zones[zone] == nil {
            let known = programme.zones.names
            let similar = Spelling.nearest(to: zone, among: known).map { "Did you mean \($0)?" }
            throw refuse(
                "--zone \(zone): there is no such zone. \(similar ?? "Write an IANA name such as Asia/Jakarta.")")
        }
        let lead = try InventedLead.make(facts: set, locale: nil, zoneName: zone)
        let zone = programme.planFacts(of: lead, in: entry.campaign).zone
        return programme.plan(entry, of: lead, enrolledAt: try instant(in: zone))
    }

    private func instant(in zone: Zone) throws -> Instant {
        guard let enrolledAt else { return SystemClock().now() }
        guard let written = WrittenInstant(enrolledAt) else {
            throw refuse("--enrolled-at \(enrolledAt): \(WrittenInstant.hint)")
        }
        return written.instant(in: zone)
    }
}

/// `dripd apply`.
struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the held edit of a campaign live.",
        discussion: """
            `dripd plan --edit CAMPAIGN` says whom it touches, and names the plan. Where the situation has changed since, \
            nothing is done.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The campaign: the name of its folder.") var campaign: String
    @Option(help: "The plan that you consent to, as `dripd plan --edit` names it.") var plan: String
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "apply")
        let command = Command.apply(CampaignID(rawValue: campaign), plan: plan)
        let done = try access.perform(command, EditPlan.self) { reply in
            if case .editPlanned(let plan) = reply { plan } else { nil }
        }
        Terminal.say(json ? try Output.json(done) : "\(done.campaign) runs its new version: \(done.summary)")
    }
}
