package import DripCampaigns
import DripCore

/// The JSON Schema (2020-12) of `status.json`.
///
/// `StatusReport` cannot be asked for its keys without a report, so they stand here once more, with what they mean; the
/// tests hold the two to each other, key by key. A key that is not required is left out where there is nothing to say. No
/// key is forbidden: a later version may say more, and whoever watches need not mind.
package enum StatusSchema {
    package static let schema: SchemaTree = .group(
        [
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("$comment", "Made by `dripd schema status`."),
            .init("title", "The status file of dripd: status.json"),
        ] + object(report).entries + [
            .init(
                "$defs",
                [
                    "instant": [
                        "title": "An instant in UTC, to the millisecond", "type": "string", "format": "date-time",
                    ],
                    "count": described("How many today, and ever", count), "hold": described("What is paused", hold),
                    "arm": described("A way on behind a step that decides", arm),
                    "campaign": described("A campaign", campaign), "transport": described("A transport", transport),
                    "crm": described("What waits for a CRM", crm), "digest": described("The weekly digest", digest),
                    "doubtful": described("A delivery in doubt", doubtful),
                    "problem": described("A problem", problem),
                ])
        ])

    /// A key, what stands behind it, and what that means.
    private struct Key {
        var name: String
        var value: SchemaTree
        var summary: String
        var isRequired = true
    }

    private static let report: [Key] = [
        Key(name: "version", value: text, summary: "The version of dripd."),
        Key(name: "node", value: text, summary: "The machine that it runs on."),
        Key(
            name: "state", value: words(StatusReport.State.allCases.map(\.rawValue)),
            summary: "What the daemon does; in `store_failed` and `recovered` nothing is sent."),
        Key(name: "started_at", value: instant, summary: "Since when it runs."),
        Key(
            name: "written_at", value: instant,
            summary: "When this was written: older than half a minute means that nobody writes any more."),
        Key(name: "next_wake_at", value: instant, summary: "When something is due next.", isRequired: false),
        Key(
            name: "lag_seconds", value: seconds,
            summary: "How late the oldest due step is, or since when no transport works that is wanted; near 0 is good."
        ),
        Key(name: "zone_rules", value: text, summary: "The version of the zone rules in use."),
        Key(name: "leads", value: number, summary: "How many leads there are."),
        Key(name: "paused_leads", value: number, summary: "Leads that are paused now, each by itself."),
        Key(name: "suppressed", value: number, summary: "Mailboxes on the do-not-send list."),
        Key(name: "reserved", value: number, summary: "Deliveries that wait for another attempt."),
        Key(name: "sending", value: number, summary: "Deliveries under way."),
        Key(
            name: "unresolved", value: number,
            summary: "Deliveries in doubt of which nobody has said yet whether they arrived."),
        Key(name: "holds", value: list("hold"), summary: "What people paused, beside leads."),
        Key(name: "campaigns", value: list("campaign"), summary: "Every campaign, by its id."),
        Key(name: "transports", value: list("transport"), summary: "Every transport of dripd.yaml."),
        Key(name: "crm", value: list("crm"), summary: "What waits for CRMs, where any is named.", isRequired: false),
        Key(
            name: "digest", value: reference("digest"), summary: "The weekly digest, where anybody gets it.",
            isRequired: false),
        Key(
            name: "in_doubt", value: list("doubtful").with([.init("maxItems", 50)]),
            summary: "The oldest of the unresolved deliveries."),
        Key(
            name: "problems", value: list("problem"),
            summary: "The last problems, newest first; then what is wrong with the files."),
        Key(name: "today", value: ["type": "string", "format": "date"], summary: "The day that `today` counts."),
        Key(name: "time_zone", value: text, summary: "The policy's zone, whose day it is."),
    ]

    private static let count: [Key] = [
        Key(name: "today", value: number, summary: "On the day of `today`."),
        Key(name: "total", value: number, summary: "Ever."),
    ]

    private static let hold: [Key] = [
        Key(
            name: "target", value: ["type": "string", "pattern": "^(everything|campaign .+|transport .+)$"],
            summary: "`everything`, `campaign NAME` or `transport NAME`."),
        Key(name: "since", value: instant, summary: "Since when."),
        Key(name: "note", value: text, summary: "Who paused it and why."),
    ]

    private static let arm: [Key] = [
        Key(name: "step", value: text, summary: "The step that decides."),
        Key(name: "arm", value: text, summary: "The way on, by its name in the file."),
        Key(name: "runs", value: number, summary: "Enrollments that took it, ever."),
        Key(name: "goals", value: number, summary: "Those of them that reached the goal afterwards."),
    ]

    private static let campaign: [Key] = [
        Key(name: "id", value: text, summary: "The name of its folder."),
        Key(name: "name", value: text, summary: "What people call it."),
        Key(name: "file", value: text, summary: "Where it is written, in the campaigns folder."),
        Key(
            name: "hash", value: text,
            summary: "Of the version that runs: the first 12 digits of SHA-256 over its files; empty where none does."),
        Key(name: "enrolled", value: number, summary: "Enrollments, ever."),
        Key(name: "active", value: number, summary: "Enrollments under way."),
        Key(name: "completed", value: number, summary: "Enrollments that went to the end."),
        Key(name: "exited", value: number, summary: "Enrollments that ended early."),
        Key(name: "due_now", value: number, summary: "Enrollments whose next step is due."),
        Key(name: "late_seconds", value: seconds, summary: "How late its oldest due step is."),
        Key(name: "next_due_at", value: instant, summary: "When a step of it is due next.", isRequired: false),
        Key(name: "deferred", value: byReason, summary: "Steps that wait, by reason."),
        Key(name: "skipped", value: byReason, summary: "Steps that were skipped, by reason."),
        Key(name: "exited_by_reason", value: byReason, summary: "Enrollments that ended early, by reason."),
        Key(name: "accepted", value: reference("count"), summary: "Messages that a transport took."),
        Key(name: "failed", value: reference("count"), summary: "Messages that were refused for good."),
        Key(name: "in_doubt", value: reference("count"), summary: "Messages that nobody answered for."),
        Key(
            name: "arms", value: list("arm"), summary: "Who went which way behind its steps that decide.",
            isRequired: false),
        Key(
            name: "problem", value: text,
            summary: "What is wrong with the file on disk, where it is not what runs.", isRequired: false),
        Key(
            name: "version", value: text,
            summary: "The version by which leads enter, where it is pinned or some go on by others.", isRequired: false),
        Key(
            name: "earlier", value: byReason, summary: "Enrollments that go on by each version before it.",
            isRequired: false),
    ]

    private static let transport: [Key] = [
        Key(name: "name", value: text, summary: "As in dripd.yaml."),
        Key(
            name: "channel", value: words(Channel.allCases.filter { $0 != .inner }.map(\.name)),
            summary: "What goes through it."),
        Key(
            name: "state", value: words(["open", "held", "paused", "probing"]),
            summary: "`held` by a person, `paused` because it failed, or `probing` whether it works again."),
        Key(name: "in_flight", value: number, summary: "Deliveries under way in it."),
        Key(name: "limit", value: number, summary: "How many may be under way at once."),
        Key(name: "rate", value: text, summary: "How fast it sends at most.", isRequired: false),
        Key(name: "weight", value: number, summary: "Its share of the channel's messages.", isRequired: false),
        Key(name: "fallback", value: text, summary: "The transport that stands in for it.", isRequired: false),
        Key(
            name: "left_today", value: number, summary: "How much may still go today, while it warms up.",
            isRequired: false),
        Key(name: "accepted", value: number, summary: "Messages that it took since the start."),
        Key(name: "last_error", value: text, summary: "What the other side said last.", isRequired: false),
        Key(name: "paused_until", value: instant, summary: "When it is tried again.", isRequired: false),
        Key(name: "faulty_since", value: instant, summary: "Since when it does not work.", isRequired: false),
    ]

    private static let crm: [Key] = [
        Key(name: "transport", value: text, summary: "By which it is told, as in dripd.yaml."),
        Key(name: "waiting", value: number, summary: "Changes of leads on their way to it."),
        Key(name: "oldest_at", value: instant, summary: "When the oldest of them was made.", isRequired: false),
        Key(name: "dead", value: number, summary: "Changes that it never took; `dripd crm` lists them."),
        Key(name: "is_named", value: ["type": "boolean"], summary: "Whether scoring.yaml names it still."),
    ]

    private static let digest: [Key] = [
        Key(name: "recipients", value: number, summary: "How many get it."),
        Key(name: "next_at", value: instant, summary: "When the next goes to somebody.", isRequired: false),
        Key(name: "under_way", value: number, summary: "How many are on their way at this moment."),
    ]

    private static let doubtful: [Key] = [
        Key(name: "campaign", value: text, summary: "Whose message it is."),
        Key(name: "step", value: text, summary: "Which of its steps."),
        Key(name: "lead", value: text, summary: "The masked address."),
        Key(name: "id", value: text, summary: "By which every verb finds the lead, such as `id:1024`."),
        Key(name: "attempt", value: number, summary: "Which attempt it was."),
        Key(name: "marked_at", value: instant, summary: "When it was begun.", isRequired: false),
    ]

    private static let problem: [Key] = [
        Key(name: "at", value: instant, summary: "When it was seen."),
        Key(name: "what", value: text, summary: "What is wrong, with file and line where there are any."),
        Key(name: "mend", value: text, summary: "What to do about it."),
    ]

    // MARK: Values

    private static let text: SchemaTree = ["type": "string"]
    private static let number: SchemaTree = ["type": "integer", "minimum": 0]
    private static let seconds: SchemaTree = ["type": "number", "minimum": 0]
    private static let instant = reference("instant")
    private static let byReason: SchemaTree = ["type": "object", "additionalProperties": number]

    private static func reference(_ name: String) -> SchemaTree { ["$ref": .text("#/$defs/\(name)")] }

    private static func list(_ name: String) -> SchemaTree { ["type": "array", "items": reference(name)] }

    private static func words(_ words: [String]) -> SchemaTree { ["enum": .list(words.map(SchemaTree.text))] }

    private static func described(_ title: String, _ keys: [Key]) -> SchemaTree {
        .group([.init("title", .text(title))] + object(keys).entries)
    }

    private static func object(_ keys: [Key]) -> SchemaTree {
        let properties = keys.map {
            SchemaTree.Entry($0.name, $0.value.with([.init("description", .text($0.summary))]))
        }
        return [
            "type": "object", "properties": .group(properties),
            "required": .list(keys.filter(\.isRequired).map { .text($0.name) }),
        ]
    }
}
