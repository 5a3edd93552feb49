import DripCore
import DripStore

extension StoreConformance {
    static let deliveryCases: [StoreConformance] = [
        StoreConformance("a mark reserves, charges, counts the attempt and stops the timer") { bed in
            let enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            let expected = Delivery(
                id: delivery.id, enrollment: enrollment.id, step: StepID(rawValue: "welcome"), state: .sending,
                attempts: 1, markedAt: StoreBed.start)
            try expectEqual(delivery, expected, "the delivery")
            try expectEqual(try bed.read { try $0.deliveries(of: enrollment.id) }, [delivery], "as stored")
            try expectEqual(
                try bed.ledger("budi"), StoreBed.open(delivery.id, at: StoreBed.start),
                "the charge")
            try expectEqual(try bed.nextDueAt(), nil, "nothing is due")
            try expectEqual(try bed.markDue(at: StoreBed.start + .days(1)).count, 0, "nothing is claimed")
            let unresolved = try bed.read { try $0.unresolved() }
            try expectEqual(unresolved.map(\.delivery), [delivery], "unresolved")
            try expectEqual(unresolved.map(\.enrollment), [enrollment], "with its enrollment")
            try expectEqual(unresolved.first?.lead.key, "budi@example.com", "with its lead")
            let status = try bed.status()
            try expectEqual([status.reserved, status.sending, status.inDoubt], [0, 1, 0], "in the status")
        },
        StoreConformance("an accepted delivery goes, its charge and its enrollment's progress stay") { bed in
            try bed.enrol("budi")
            let delivery = try bed.markOne()
            let next = StoreBed.step("case-study", planned: .days(2))
            try bed.settle(delivery, as: .accepted, next: next, at: StoreBed.start + .seconds(3))
            let enrollment = try bed.enrollment("budi")
            try expectEqual(enrollment.current, next, "its next step")
            try expectEqual(enrollment.finished, [delivery.step], "what is finished")
            try expectEqual(
                enrollment.lastSent, SentStep(sentAt: StoreBed.start + .seconds(3), plannedAt: StoreBed.start),
                "last sent")
            try expectEqual(try bed.read { try $0.deliveries(of: enrollment.id) }, [], "no delivery")
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "charged when marked")
            try expectEqual(try bed.nextDueAt(), StoreBed.start + .days(2), "waits for the next step")
            try expectEqual(try bed.read { try $0.unresolved() }, [], "nothing unresolved")
        },
        StoreConformance("a failed delivery goes, and its charge with it") { bed in
            try bed.enrol("budi")
            try bed.settle(try bed.markOne(), as: .failed, at: StoreBed.start)
            try expectEqual(try bed.ledger("budi"), ChargeLedger(), "freed")
            try expectEqual(try bed.enrollment("budi").status, .completed, "the series went on")
            try expectEqual(try bed.status().sending, 0, "nothing is being sent")
        },
        StoreConformance("a delivery in doubt is treated as sent and stays listed") { bed in
            let enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            try bed.settle(delivery, as: .inDoubt, next: StoreBed.step("b", planned: .days(1)), at: StoreBed.start)
            var doubtful = delivery
            doubtful.state = .inDoubt
            try expectEqual(try bed.read { try $0.deliveries(of: enrollment.id) }, [doubtful], "of the enrollment")
            let listed = try bed.read { try $0.inDoubt(limit: 5) }
            try expectEqual(listed.map(\.delivery), [doubtful], "listed")
            try expectEqual(listed.first?.lead.key, "budi@example.com", "with its lead")
            try expectEqual(try bed.read { try $0.unresolved() }, [], "but resolved")
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "charged")
            let second = try bed.markDue(at: StoreBed.start + .days(1))
            try expectEqual(second.map(\.step.rawValue), ["b"], "the series goes on")
            try expectEqual(
                try bed.read { try $0.deliveries(of: enrollment.id).map(\.state) }, [.inDoubt, .sending], "side by side"
            )
            try expectEqual(try bed.status().inDoubt, 1, "in the status")
        },
        StoreConformance("the oldest doubts come first, up to the limit") { bed in
            for name in ["a", "b", "c"] {
                try bed.enrol(name)
                try bed.settle(try bed.markOne(), as: .inDoubt, at: StoreBed.start)
            }
            let keys = try bed.read { try $0.inDoubt(limit: 2).map(\.lead.key) }
            try expectEqual(keys, ["a@example.com", "b@example.com"], "doubts")
        },
        StoreConformance("a retry waits as reserved, keeps its charge, and is the same delivery") { bed in
            var enrollment = try bed.enrol("budi")
            let first = try bed.markOne()
            enrollment.current?.dueAt = StoreBed.start + .minutes(5)
            enrollment.current?.waitingFor = .retry
            enrollment.current?.late = .minutes(5)
            let entry = StoreBed.entry(
                .retried, of: enrollment, step: first.step, reason: .retry, plannedAt: StoreBed.start + .minutes(5),
                detail: "451 4.7.1 greylisted")
            try bed.commit { try $0.retry(first.id, countsAttempt: true, enrollment: enrollment, entry: entry) }
            try expectEqual(try bed.enrollment("budi"), enrollment, "the state")
            try expectEqual(try bed.nextDueAt(), StoreBed.start + .minutes(5), "due again")
            var status = try bed.status()
            try expectEqual([status.reserved, status.sending], [1, 0], "in the status")
            let charge = StoreBed.open(first.id, at: StoreBed.start)
            try expectEqual(try bed.ledger("budi"), charge, "the charge stays")

            let now = StoreBed.start + .minutes(5)
            let claims = try bed.commit(at: now) { transaction in
                let claims = try transaction.claimDue(.email, now: now, limit: 9)
                for claim in claims {
                    try expectEqual(claim.delivery?.id, first.id, "the open delivery in the claim")
                    try expectEqual(claim.delivery?.attempts, 1, "its attempts")
                    try expectEqual(claim.delivery?.state, .reserved, "its state")
                    try expectEqual(claim.ledger, charge, "the ledger in the claim")
                    _ = try transaction.mark(claim, at: now, charging: StoreBed.touch)
                }
                return claims
            }
            try expectEqual(claims.count, 1, "claimed")
            let second = try bed.read { try $0.deliveries(of: enrollment.id) }
            try expectEqual(second.map(\.attempts), [2], "the second attempt")
            try expectEqual(second.map(\.markedAt), [now], "marked again")
            try expectEqual(
                try bed.ledger("budi"), StoreBed.open(first.id, at: now),
                "the charge moved to that attempt")
            try bed.settle(second[0], as: .accepted, at: now)
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([now]), "charged once")
            status = try bed.status()
            try expectEqual([status.reserved, status.sending], [0, 0], "all ended")
        },
        StoreConformance("a transport's own fault takes the attempt back") { bed in
            var enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            enrollment.current?.dueAt = StoreBed.start + .minutes(1)
            try bed.commit { try $0.retry(delivery.id, countsAttempt: false, enrollment: enrollment, entry: nil) }
            let stored = try bed.read { try $0.deliveries(of: enrollment.id) }
            try expectEqual(stored.map(\.attempts), [0], "attempts")
            try expectEqual(try bed.markDue(at: StoreBed.start + .minutes(1)).map(\.attempts), [1], "the next one")
        },
        StoreConformance("a reserved delivery can be settled: retries exhausted, lead suppressed") { bed in
            var enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            enrollment.current?.dueAt = StoreBed.start + .minutes(1)
            try bed.commit { try $0.retry(delivery.id, countsAttempt: true, enrollment: enrollment, entry: nil) }
            try bed.settle(delivery, as: .failed, next: StoreBed.step("b", planned: .days(1)), at: StoreBed.start)
            try expectEqual(try bed.nextDueAt(), StoreBed.start + .days(1), "one timer, the next step's")
            try expectEqual(try bed.ledger("budi"), ChargeLedger(), "freed")
        },
        StoreConformance("a reserved delivery whose step is left goes with it") { bed in
            var enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            enrollment.current?.dueAt = StoreBed.start + .minutes(1)
            try bed.commit { try $0.retry(delivery.id, countsAttempt: true, enrollment: enrollment, entry: nil) }
            let was = enrollment.current
            enrollment.current?.dueAt = StoreBed.start + .minutes(9)
            enrollment.current?.waitingFor = .outsideWindow
            try bed.commit { try $0.advance(enrollment, was: was, entry: nil) }
            try expectEqual(try bed.ledger("budi").holds(delivery.id), true, "put off, it stays")
            let late = enrollment.current
            enrollment.status = .exited
            enrollment.current = nil
            let entry = StoreBed.entry(.exited, of: enrollment, reason: .suppressed)
            try bed.commit { try $0.advance(enrollment, was: late, entry: entry) }
            try expectEqual(try bed.read { try $0.deliveries(of: enrollment.id) }, [], "left, it goes")
            try expectEqual(try bed.ledger("budi"), ChargeLedger(), "and frees its charge")
            try expectEqual(try bed.status().reserved, 0, "nothing is reserved")
        },
        StoreConformance("an exit while a delivery is being sent waits for nothing, and its outcome still counts") {
            bed in
            var enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            let sending = enrollment.current
            enrollment.status = .exited
            enrollment.current = nil
            let entry = StoreBed.entry(.exited, of: enrollment, reason: .goalReached)
            try bed.commit { try $0.advance(enrollment, was: sending, entry: entry) }
            try expectEqual(try bed.nextDueAt(), nil, "no timer")
            try expectEqual(try bed.read { try $0.unresolved().map(\.delivery) }, [delivery], "still being sent")
            let accepted = StoreBed.entry(.accepted, of: enrollment, step: delivery.step)
            try bed.commit { try $0.settle(delivery.id, as: .accepted, enrollment: enrollment, entry: accepted) }
            try expectEqual(try bed.enrollment("budi").status, .exited, "stays exited")
            try expectEqual(try bed.ledger("budi"), StoreBed.settled([StoreBed.start]), "charged")
            let kinds = try bed.read { try $0.timeline(of: enrollment.lead, limit: 9).map(\.kind) }
            try expectEqual(kinds, [.accepted, .exited, .enrolled], "the timeline")
        },
        StoreConformance("a step put off while it is being sent gets no timer before its end") { bed in
            var enrollment = try bed.enrol("budi")
            let delivery = try bed.markOne()
            enrollment.current?.late = .minutes(1)
            try bed.commit { try $0.advance(enrollment, was: enrollment.current, entry: nil) }
            try expectEqual(try bed.nextDueAt(), nil, "no timer")
            try bed.settle(delivery, as: .accepted, next: StoreBed.step("b", planned: .days(1)), at: StoreBed.start)
            try expectEqual(try bed.nextDueAt(), StoreBed.start + .days(1), "the next step's")
        },
        StoreConformance("what is not open cannot be marked, retried or settled") { bed in
            let enrollment = try bed.enrol("budi")
            let claim = Claim(
                enrollment: enrollment, pending: StoreBed.step(),
                lead: try unwrap(try bed.read { try $0.lead(key: "budi@example.com") }, "the lead"), suppression: nil,
                ledger: ChargeLedger(), delivery: nil)
            let delivery = try bed.commit { try $0.mark(claim, at: StoreBed.start, charging: StoreBed.touch) }
            let twice = try bed.failure { _ = try $0.mark(claim, at: StoreBed.start, charging: StoreBed.touch) }
            try expectEqual(twice.kind, .misuse, "marked twice")
            let entry = StoreBed.entry(.accepted, of: enrollment)
            let asSending = try bed.failure {
                try $0.settle(delivery.id, as: .sending, enrollment: enrollment, entry: entry)
            }
            try expectEqual(asSending.kind, .misuse, "settled as no end")
            try bed.settle(delivery, as: .accepted, at: StoreBed.start)
            let again = try bed.failure {
                try $0.settle(delivery.id, as: .accepted, enrollment: enrollment, entry: entry)
            }
            try expectEqual(again.kind, .misuse, "settled twice")
            let late = try bed.failure {
                try $0.retry(delivery.id, countsAttempt: true, enrollment: enrollment, entry: nil)
            }
            try expectEqual(late.kind, .misuse, "retried after its end")
        },
        StoreConformance("a delivery's number is never given twice") { bed in
            var last = DeliveryID(rawValue: 0)
            for name in ["a", "b", "c"] {
                try bed.enrol(name)
                let delivery = try bed.markOne()
                try expect(delivery.id > last, "delivery \(delivery.id.rawValue) follows \(last.rawValue)")
                last = delivery.id
                try bed.settle(delivery, as: .accepted, at: StoreBed.start)
            }
        },
    ]
}
