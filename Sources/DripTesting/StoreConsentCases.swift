import DripCore
import DripStore

extension StoreConformance {
    private static func consent(
        _ form: String = "ebook", _ state: Consent.State = .asked, minutes: Int64 = 0
    ) -> Consent {
        Consent(
            form: FormID(rawValue: form), text: "I agree to \(form)", state: state,
            askedAt: StoreBed.start + .minutes(minutes), askedFrom: "203.0.113.9", page: "https://acme.example/",
            holds: state == .asked, values: state == .asked ? ["first_name": .text("Budi")] : [:])
    }

    static let consentCases: [StoreConformance] = [
        StoreConformance("what a lead agreed to comes back, and is confirmed once") { bed in
            let (lead, other) = try bed.commit { transaction in
                (
                    try transaction.upsert(try StoreBed.draft("budi")).lead.id,
                    try transaction.upsert(try StoreBed.draft("ani")).lead.id
                )
            }
            let numbers = try bed.commit { transaction in
                [try transaction.add(consent(), to: lead), try transaction.add(consent("news", .given), to: lead)]
            }
            var (asked, given) = (consent(), consent("news", .given))
            (asked.number, given.number) = (numbers[0], numbers[1])
            try expectEqual(try bed.read { try $0.consents(of: lead) }, [given, asked], "newest first")
            try expectEqual(try bed.read { try $0.consents(of: other) }, [], "nobody else's")
            let at = StoreBed.start + .hours(1)
            func confirm(_ number: Int64, of lead: LeadID) throws -> Bool {
                try bed.commit { try $0.confirm(number, of: lead, at: at, from: "198.51.100.4") }
            }
            try expect(try !confirm(numbers[0], of: other), "of another lead")
            try expect(try !confirm(numbers[1], of: lead), "what was given")
            try expect(try confirm(numbers[0], of: lead), "what was asked")
            try expect(try !confirm(numbers[0], of: lead), "twice is once")
            (asked.state, asked.confirmedAt, asked.confirmedFrom, asked.values) = (.confirmed, at, "198.51.100.4", [:])
            try expectEqual(try bed.read { try $0.consents(of: lead) }, [given, asked], "confirmed")
        },
        StoreConformance("a lead keeps fifty consents: whatever nobody confirmed goes first, then the oldest") { bed in
            let lead = try bed.commit { try $0.upsert(try StoreBed.draft("budi")).lead.id }
            for index in 0..<(Consent.limit - 1) {
                _ = try bed.commit { try $0.add(consent("f\(index)", .given, minutes: Int64(index)), to: lead) }
            }
            for (form, minutes) in [("a", Int64(99)), ("b", 64_900)] {
                _ = try bed.commit { try $0.add(consent(form, minutes: minutes), to: lead) }
            }
            let forms = try bed.read { try $0.consents(of: lead) }.map(\.form.rawValue)
            try expectEqual(forms.count, Consent.limit, "so many")
            try expect(forms.first == "b" && !forms.contains("a") && forms.contains("f0"), "the unconfirmed one went")
            for form in ["c", "d"] {
                _ = try bed.commit { try $0.add(consent(form, .given, minutes: 64_901), to: lead) }
            }
            let later = try bed.read { try $0.consents(of: lead) }.map(\.form.rawValue)
            try expect(!later.contains("f0") && later.contains("f1"), "then the oldest")
            try expect(later.contains("b"), "what was asked in the last thirty days stays: the limits count it")
        },
        StoreConformance("consents go with a merge, and are gone with an erasure") { bed in
            let (from, into) = try bed.commit { transaction in
                (
                    try transaction.upsert(try StoreBed.draft("budi")).lead,
                    try transaction.upsert(try StoreBed.draft("ani")).lead
                )
            }
            let number = try bed.commit { try $0.add(consent(), to: from.id) }
            _ = try bed.commit { try $0.merge(from.id, into: into, at: StoreBed.start) }
            try expectEqual(try bed.read { try $0.consents(of: into.id) }.map(\.number), [number], "the other's now")
            try bed.commit { try $0.erase(into.id, at: StoreBed.start) }
            try expectEqual(try bed.read { try $0.consents(of: into.id) }, [], "gone")
        },
    ]
}
