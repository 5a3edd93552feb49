import DripCore
import DripStore

extension StoreConformance {
    static let holdCases: [StoreConformance] = [
        StoreConformance("what is held is not due, and is again when it is released") { bed in
            try bed.enrol("budi")
            let other = try bed.enrol("budi", in: StoreBed.news)
            let hold = Hold(target: .campaign(StoreBed.nurture), since: StoreBed.start, note: "a typo")
            try expect(try bed.commit { try $0.hold(hold) }, "a first hold")
            try expect(try bed.commit { try !$0.hold(hold) }, "a second one changes nothing")
            try expectEqual(try bed.read { try $0.holds() }, [hold], "the holds")
            let due = StoreBed.start + .days(9)
            let claims = try bed.commit(at: due) { transaction in
                let claims = try transaction.claimDue(.email, now: due, limit: 9)
                for claim in claims { _ = try transaction.mark(claim, at: due, charging: StoreBed.touch) }
                return claims
            }
            try expectEqual(claims.map(\.enrollment.id), [other.id], "what is not held")
            try expectEqual(try bed.nextDueAt(), nil, "nothing else is due")
            try expectEqual(try bed.status().oldestDueAt, nil, "what is held is not late")
            try expect(try bed.commit { try $0.release(hold.target) }, "the release")
            try expect(try bed.commit { try !$0.release(hold.target) }, "a second one changes nothing")
            try expectEqual(try bed.read { try $0.holds() }, [], "no hold")
            try expect(try bed.nextDueAt() != nil, "due again")
        },
        StoreConformance("holding everything leaves nothing due") { bed in
            try bed.enrol("budi")
            let hold = Hold(target: .everything, since: StoreBed.start, note: "")
            _ = try bed.commit { try $0.hold(hold) }
            try expectEqual(try bed.nextDueAt(), nil, "nothing is due")
            let claims = try bed.commit { try $0.claimDue(.email, now: StoreBed.start + .days(9), limit: 9) }
            try expectEqual(claims.count, 0, "nothing is claimed")
        },
        StoreConformance("a held transport is remembered and stops no channel") { bed in
            try bed.enrol("budi")
            let hold = Hold(target: .transport("relay"), since: StoreBed.start, note: "")
            _ = try bed.commit { try $0.hold(hold) }
            try expectEqual(try bed.read { try $0.holds() }, [hold], "the holds")
            try expect(try bed.nextDueAt() != nil, "its channel's work is still due")
        },
        StoreConformance("a hold of a commit that fails was never there") { bed in
            try bed.enrol("budi")
            struct Abandoned: Error {}
            let hold = Hold(target: .campaign(StoreBed.nurture), since: StoreBed.start, note: "")
            _ = try? bed.commit { transaction in
                _ = try transaction.hold(hold)
                throw Abandoned()
            }
            try expectEqual(try bed.read { try $0.holds() }, [], "no hold")
            try expect(try bed.nextDueAt() != nil, "due")
        },
        StoreConformance("a lead's pause is the lead's, and an import leaves it alone") { bed in
            let lead = try bed.commit { try $0.upsert(try StoreBed.draft("budi")).lead }
            let pause = LeadPause(since: StoreBed.start, until: nil, note: "asked by phone")
            try bed.commit { try $0.pause(lead.id, pause) }
            let again = try bed.commit { try $0.upsert(try StoreBed.draft("budi", locale: "id")).lead }
            try expectEqual(again.pause, pause, "after an import")
            let over = LeadPause(since: StoreBed.start, until: StoreBed.start + .hours(1), note: "")
            try bed.commit { try $0.pause(lead.id, over) }
            try expectEqual(try bed.read { try $0.lead(key: lead.key) }?.pause, over, "one that is over is kept")
        },
        StoreConformance("the next catch-up slot is remembered") { bed in
            try expectEqual(try bed.read { try $0.nextSlotAt() }, .epoch, "none was given")
            try bed.commit { try $0.setNextSlot(StoreBed.start) }
            try expectEqual(try bed.read { try $0.nextSlotAt() }, StoreBed.start, "the next")
        },
        StoreConformance("interruptions and the last turn are remembered") { bed in
            try expectEqual(try bed.read { try $0.interruptions() }, [], "none was noted")
            try expectEqual(try bed.read { try $0.lastTurnAt() }, nil, "no turn yet")
            let noted = [
                Interruption(.everything, from: StoreBed.start, until: StoreBed.start + .hours(1)),
                Interruption(.channel(.email), from: StoreBed.start, until: StoreBed.start + .hours(2)),
            ]
            try bed.commit {
                try $0.setInterruptions(noted)
                try $0.setLastTurn(StoreBed.start)
            }
            try expectEqual(try bed.read { try $0.interruptions() }, noted, "what was noted")
            try expectEqual(try bed.read { try $0.lastTurnAt() }, StoreBed.start, "the last turn")
        },
        StoreConformance("a new state is no copy") { bed in
            try expect(try bed.read { try !$0.isRecovered() }, "a new state")
        },
    ]
}
