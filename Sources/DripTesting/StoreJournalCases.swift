import DripCore
import DripStore

extension StoreConformance {
    static let journalCases: [StoreConformance] = [
        StoreConformance("a timeline merges a lead's own entries and its enrollments', newest first") { bed in
            let one = try bed.enrol("budi")
            let two = try bed.enrol("budi", in: StoreBed.news)
            try bed.enrol("siti")
            var written: [JournalEntry] = []
            try bed.commit { transaction in
                for number in 0..<30 {
                    // The clock steps back half-way: what was written last is still the newest.
                    let at = StoreBed.start + .seconds(Int64(number < 15 ? number : number - 15))
                    var entry = JournalEntry(at: at, kind: .event, lead: one.lead, detail: "event \(number)")
                    if number % 3 != 0 {
                        let enrollment = number % 3 == 1 ? one : two
                        (entry.enrollment, entry.campaign) = (enrollment.id, enrollment.campaign)
                        entry.step = StepID(rawValue: "step \(number % 4)")
                        entry.reason = Reason.allCases[number % Reason.allCases.count]
                        entry.plannedAt = at + .days(1)
                    }
                    try transaction.journal(entry)
                    written.append(entry)
                }
            }
            let timeline = try bed.read { try $0.timeline(of: one.lead, limit: 1_000) }
            try expectEqual(Array(timeline.prefix(30)), written.reversed(), "what was written")
            try expectEqual(timeline.dropFirst(30).map(\.kind), [.enrolled, .enrolled], "and how it began")
            try expectEqual(
                try bed.read { try $0.timeline(of: one.lead, limit: 7) }, Array(written.suffix(7).reversed()),
                "the newest seven")
            try expectEqual(try bed.read { try $0.timeline(of: one.lead, limit: 0) }, [], "none")
        },
        StoreConformance("every kind, reason and text of an entry comes back") { bed in
            let enrollment = try bed.enrol("budi")
            var written: [JournalEntry] = []
            try bed.commit { transaction in
                for reason in Reason.allCases {
                    written.append(StoreBed.entry(.deferred, of: enrollment, reason: reason, detail: "a\u{0}b 🦊"))
                }
                // Those that say what an enrollment became are not for this case to claim.
                for kind in JournalEntry.Kind.allCases
                where ![.enrolled, .completed, .exited, .reopened].contains(kind) {
                    written.append(StoreBed.entry(kind, of: enrollment, plannedAt: .distantFuture))
                }
                for entry in written { try transaction.journal(entry) }
            }
            let timeline = try bed.read { try $0.timeline(of: enrollment.lead, limit: written.count) }
            try expectEqual(timeline, written.reversed(), "the entries")
        },
        StoreConformance("the figures are sums over the journal, by day, campaign and reason") { bed in
            let enrollment = try bed.enrol("budi")
            let tomorrow = StoreBed.day.adding(days: 1)
            func write(_ kind: JournalEntry.Kind, _ reason: Reason?, on day: LocalDate, times: Int) throws {
                try bed.commit(today: day) { transaction in
                    for _ in 0..<times {
                        try transaction.journal(StoreBed.entry(kind, of: enrollment, reason: reason))
                    }
                }
            }
            try write(.deferred, .capped, on: StoreBed.day, times: 3)
            try write(.deferred, .capped, on: tomorrow, times: 2)
            try write(.deferred, .outsideWindow, on: tomorrow, times: 1)
            try write(.skipped, .late, on: tomorrow, times: 4)
            try write(.failed, .permanentFailure, on: tomorrow, times: 5)
            try write(.accepted, nil, on: tomorrow, times: 6)
            try bed.commit(today: tomorrow) {
                try $0.journal(JournalEntry(at: StoreBed.start, kind: .event, lead: enrollment.lead, detail: "replied"))
            }
            let today = try unwrap(try bed.status().campaigns[StoreBed.nurture], "figures")
            try expectEqual(today.today, [.enrolled: 1, .deferred: 3], "the first day's")
            let figures = try unwrap(try bed.status(today: tomorrow).campaigns[StoreBed.nurture], "figures")
            try expectEqual(figures.today, [.deferred: 3, .skipped: 4, .failed: 5, .accepted: 6], "the second day's")
            try expectEqual(
                figures.total, [.enrolled: 1, .deferred: 6, .skipped: 4, .failed: 5, .accepted: 6], "in all")
            try expectEqual(figures.deferredByReason, [.capped: 5, .outsideWindow: 1], "deferred by reason")
            try expectEqual(figures.skippedByReason, [.late: 4], "skipped by reason")
            try expectEqual(figures.failedByReason, [.permanentFailure: 5], "failed by reason")
            try expectEqual(figures.exitedByReason, [:], "exited by reason")
        },
        StoreConformance("the status counts what is due and names the next and the oldest") { bed in
            try expectEqual(try bed.status(), StoreStatus(), "an empty store's")
            for minutes in 0..<5 {
                try bed.enrol("lead\(minutes)", first: StoreBed.step(planned: .minutes(Int64(minutes))))
            }
            try bed.enrol("late", in: StoreBed.news, first: StoreBed.step(route: .http, planned: .minutes(-7)))
            let status = try bed.status(now: StoreBed.start + .minutes(2))
            let nurture = try unwrap(status.campaigns[StoreBed.nurture], "figures")
            try expectEqual(nurture.dueNow, 3, "due now")
            try expectEqual(nurture.nextDueAt, StoreBed.start, "its next")
            try expectEqual(status.campaigns[StoreBed.news]?.dueNow, 1, "due of the other")
            try expectEqual(status.oldestDueAt, StoreBed.start - .minutes(7), "the oldest of all")
            try expectEqual(status.leads, 6, "leads")
            let before = try bed.status(now: StoreBed.start - .hours(1))
            try expectEqual(before.campaigns[StoreBed.nurture]?.dueNow, 0, "an hour before")
            try expectEqual(before.oldestDueAt, nil, "nothing was due")
        },
        StoreConformance("the status inside a commit knows what the commit did") { bed in
            try bed.commit { transaction in
                let lead = try transaction.upsert(try StoreBed.draft("budi")).lead
                _ = try transaction.enroll(lead.id, in: StoreBed.news, at: StoreBed.start, first: StoreBed.step())
                let status = try transaction.statusSnapshot(now: StoreBed.start, today: StoreBed.day)
                try expectEqual(status.campaigns[StoreBed.news]?.total, [.enrolled: 1], "in all")
                try expectEqual(status.campaigns[StoreBed.news]?.today, [.enrolled: 1], "today")
                try expectEqual(status.leads, 1, "leads")
            }
        },
    ]
}
