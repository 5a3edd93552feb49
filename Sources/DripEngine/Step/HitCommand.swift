import DripCore
import DripMessages
import DripStore

// A followed link or a shown picture is noted with the lead, and is an event where a person did it (`HitKind.swift`).
//
// Edge cases: one of a lead that is gone, or of a campaign that is not there, is nothing. Somebody who has a link fetched again
// and again fills no disk: of one lead fifty within a day are noted, the rest is dropped.

extension Engine {
    private static let mostInADay = 50
    private static let burst = TimeSpan.seconds(10)

    /// Answers who it was; nil where it was dropped.
    func note(_ hit: TrackedHit, now: Instant, effects: inout [Effect]) throws -> HitKind? {
        try change(now: now, effects: &effects) { transaction, draft in
            guard let (enrollment, lead) = try transaction.enrolled(hit.enrollment), lead.erasedAt == nil else {
                return nil
            }
            let campaign = programme.entry(of: enrollment)?.campaign
            let step = campaign?.steps.first { TrackedMark.hash(of: $0.id) == hit.stepHash }?.id
            let before = try transaction.timeline(of: lead.id, limit: 200)
            let hits = before.filter { $0.kind == .event && $0.at > now - .days(1) && Self.isHit($0.detail) }
            guard hits.count < Self.mostInADay else { return nil }
            let accepted = before.first {
                $0.kind == .accepted && $0.enrollment == enrollment.id && $0.step == step
            }?.at
            let about = step.map { " of \(enrollment.campaign)/\($0)" } ?? ""
            // What else of this very message was followed or shown just now.
            let others = Set(
                hits.filter { $0.at > now - Self.burst }.map(\.detail).filter { $0.contains(about) }.filter {
                    !($0.hasPrefix(hit.what.rawValue) && $0.hasSuffix(hit.target))
                })
            let kind = HitKind.of(
                hit, sinceAccepted: accepted.map { now - $0 }, othersRecently: others.count,
                isTrapped: others.contains { $0.hasSuffix(TrackedHit.trap) })
            let place = hit.target.isEmpty ? "" : ": \(hit.target.prefix(500))"
            guard kind == .human, let step else {
                if let step {
                    try transaction.count(
                        hit.what == .opened ? .openedByProgram : .clickedByProgram, of: step,
                        in: enrollment.campaign, by: lead.id, run: enrollment.id)
                }
                try transaction.journal(
                    JournalEntry(
                        at: now, kind: .event, lead: lead.id,
                        detail:
                            "\(hit.what.rawValue)\(about) by \(kind == .machine ? "a program" : "nobody knows whom")\(place)"
                    ))
                return kind
            }
            let happening = Happening(
                event: EventName(rawValue: hit.what.rawValue), step: .init(enrollment.campaign, step),
                run: enrollment.id, place: place)
            _ = try take(happening, of: [lead], called: lead.key, now: now, in: transaction, draft: &draft)
            return kind
        }
    }

    private static func isHit(_ detail: String) -> Bool { detail.hasPrefix("clicked") || detail.hasPrefix("opened") }
}
