import DripCore

/// Something that a lead's stage may follow from.
struct StageInput: Sendable {
    enum What: Sendable {
        case tier(String?)
        case event(String, String?)
        case points(Int, String)
        case person(String)
        /// The other one is it from now on.
        case merged(String)
    }

    var lead: String
    var at: Instant
    var what: What
    var isCertain: Bool
}

/// Goes through a history beside the engine's moves, and says which of them are wrong or missing.
struct StageReplay: Sendable {
    typealias Standing = StageRules.Standing

    private struct Person: Sendable {
        var facts = StageFacts()
        /// More than one where nobody knows whether the engine looked in between.
        var may = [Standing(stage: "lead", isArmed: false)]
        var moves: ArraySlice<StageBook.Move>
        var last: Instant
        /// Whether its facts are known.
        var isClear = true
        /// Whether nobody knows if it is there.
        var isDoubtful = false

        var stage: String { may.first?.stage ?? "lead" }

        /// Nothing but the stage is known any more.
        mutating func follow(_ move: StageBook.Move?) { follow(to: move?.to ?? stage) }
        mutating func follow(to stage: String) {
            may = [false, true].map { Standing(stage: stage, isArmed: $0) }
        }
    }

    private let rules: StageRules
    private let book: StageBook
    private let troubles: StageTroubles
    private let erased: Set<String>
    private var leads: [String: Person] = [:]
    private var into: [String: String] = [:]
    private(set) var complaints: [String] = []
    private(set) var counts = Judged(
        "deeds", "moved by deeds", "moved by time", "by hand", "merged", "end", "taken out")

    init(_ rules: StageRules, _ book: StageBook, _ troubles: StageTroubles, erased: Set<String>) {
        self.rules = rules
        self.book = book
        self.troubles = troubles
        self.erased = erased
    }

    mutating func take(_ input: StageInput) {
        let key = into[input.lead] ?? input.lead
        guard !erased.contains(key) else { return }
        if leads[key] == nil { leads[key] = Person(moves: ArraySlice(book.moves[key] ?? []), last: input.at) }
        guard var person = leads.removeValue(forKey: key) else { return }
        defer { leads[key] = person }
        advance(&person, key, to: input.at)
        let before = person.facts
        var event: String?
        switch input.what {
        case .tier(let tier):
            // Of one that may not be there, or may be so or so.
            let isNew = person.last == input.at && person.facts == StageFacts() && person.moves.startIndex == 0
            if input.isCertain {
                (person.isClear, person.isDoubtful) = (true, false)
            } else if isNew {
                person.isDoubtful = true
            } else if tier != person.facts.tier {
                person.isClear = false
            }
            person.facts.tier = tier
        case .event(let name, let order):
            guard book.events[key, default: []].contains("\(name) \(input.at)") else { return }
            person.facts.add(name, StageFacts.Deed(at: input.at, about: order))
            event = name
        case .points(let points, let step):
            person.facts.add(StageFacts.steps, StageFacts.Deed(at: input.at, about: step, points: points))
        case .person(let stage):
            guard stage != person.stage else { return }
            if !input.isCertain {
                guard person.moves.contains(where: { $0.at == input.at && $0.why == StageBook.byHand }) else { return }
            }
            counts.note("by hand")
            judge(&person, key, before, input, event: nil, put: stage)
            return
        case .merged(let from):
            for other in into.keys where into[other] == from { into[other] = key }
            into[from] = key
            guard var other = leads.removeValue(forKey: from) else { return }
            advance(&other, from, to: input.at)
            while let move = other.moves.first {
                other.follow(move)
                other.moves.removeFirst()
            }
            counts.note("merged")
            person.facts.take(other.facts)
            person.isClear = person.isClear && other.isClear
            if Self.rank(other.stage) > Self.rank(person.stage) { person.may = other.may }
        }
        counts.note("deeds")
        judge(&person, key, before, input, event: event, put: nil)
    }

    private static func rank(_ stage: String) -> Int {
        ["lead", "recycled", "disqualified", "mql", "sql", "customer"].firstIndex(of: stage) ?? 0
    }

    /// What the engine did at the very instant of an input must be what follows from it.
    private mutating func judge(
        _ person: inout Person, _ key: String, _ before: StageFacts, _ input: StageInput, event: String?, put: String?
    ) {
        person.last = max(person.last, input.at)
        guard person.isClear, !troubles.wasSetBack else {
            while let move = person.moves.first, troubles.wasSetBack || move.at <= input.at {
                person.follow(move)
                person.moves.removeFirst()
            }
            person.follow(to: person.stage)
            return
        }
        let there = person.moves.prefix { $0.at == input.at }.map(\.to)
        var best: (length: Int, ends: [Standing])?
        func offer(_ stages: [String], _ end: Standing) {
            guard Array(there.prefix(stages.count)) == stages, stages.count >= best?.length ?? 0 else { return }
            best = (stages.count, stages.count == best?.length ? (best?.ends ?? []) + [end] : [end])
        }
        var isUnclear = false
        var wanted: [String] = []
        func consider(_ start: Standing, after: [String]) {
            let from = put.map { Standing(stage: $0, isArmed: false) } ?? start
            guard let (stages, end) = rules.moves(of: person.facts, from: from, by: event, at: input.at) else {
                isUnclear = true
                return
            }
            wanted = after + (put.map { [$0] } ?? []) + stages
            offer(wanted, end)
        }
        for standing in person.may {
            // An alarm of the same instant may have been heard first.
            if let (stages, end) = rules.moves(of: before, from: standing, at: input.at), !stages.isEmpty {
                consider(end, after: stages)
            }
            consider(standing, after: [])
            if person.isDoubtful { offer([], standing) }
        }
        if let best, !isUnclear {
            if best.length > 0 { counts.note("moved by deeds") }
            person.may = Set(best.ends).sorted { !$0.isArmed && $1.isArmed }
            person.moves = person.moves.dropFirst(best.length)
            return
        }
        if !isUnclear {
            complaints.append(
                "\(key) was \(person.stage) at \(input.at), was to be \(wanted.joined(separator: ", then ")) by \(input.what), and "
                    + (there.isEmpty ? "is not" : "is \(there.joined(separator: ", then "))"))
        }
        for move in person.moves.prefix(there.count) { person.follow(move) }
        person.follow(to: person.stage)
        person.moves = person.moves.dropFirst(there.count)
    }

    // MARK: Time

    /// What time alone did up to an instant.
    private mutating func advance(_ person: inout Person, _ key: String, to instant: Instant) {
        guard !troubles.wasSetBack else { return }
        while let move = person.moves.first, move.at < instant {
            pass(&person, key, until: move.at)
            let group = person.moves.prefix { $0.at == move.at }
            person.moves = person.moves.dropFirst(group.count)
            guard person.isClear else {
                group.forEach { person.follow($0) }
                continue
            }
            var ends: [Standing] = []
            var isUnclear = false
            for standing in person.may {
                guard let (stages, end) = rules.moves(of: person.facts, from: standing, at: move.at) else {
                    isUnclear = true
                    continue
                }
                if stages == group.map(\.to) { ends.append(end) }
            }
            counts.note("moved by time")
            person.isDoubtful = false
            if ends.isEmpty {
                if !isUnclear {
                    complaints.append(
                        "\(key) went \(move.from) → \(group.map(\.to).joined(separator: " → ")) at \(move.at) (\(move.why)), and "
                            + "nothing led it there")
                }
                group.forEach { person.follow($0) }
            } else {
                person.may = Array(Set(ends)).sorted { !$0.isArmed && $1.isArmed }
            }
        }
        pass(&person, key, until: instant)
    }

    private static let day: Int64 = 86_400_000

    /// The midnights before an instant, at which nothing happened.
    private mutating func pass(_ person: inout Person, _ key: String, until instant: Instant) {
        defer { person.last = max(person.last, instant) }
        guard person.isClear, !person.isDoubtful else { return }
        var midnight = Instant(milliseconds: (person.last.milliseconds / Self.day + 1) * Self.day)
        while midnight < instant {
            look(&person, key, at: midnight, seenBy: instant)
            midnight = midnight + .days(1)
        }
    }

    /// Nothing moved it at that midnight, nor up to `next`.
    private mutating func look(_ person: inout Person, _ key: String, at midnight: Instant, seenBy next: Instant) {
        let mayBeLate = next <= troubles.lookedBy(midnight)
        var ends: [Standing] = []
        var wanted: [String] = []
        for standing in person.may {
            guard let (stages, end) = rules.moves(of: person.facts, from: standing, at: midnight) else {
                person.follow(to: person.stage)
                return
            }
            if stages.isEmpty { ends.append(end) } else { wanted = stages }
            if mayBeLate { ends.append(standing) }
        }
        if ends.isEmpty {
            complaints.append(
                "\(key) is \(person.stage), and was to be \(wanted.joined(separator: ", then ")) by time alone from \(midnight) on")
            person.isClear = false
            person.follow(to: person.stage)
        } else {
            person.may = Array(Set(ends)).sorted { !$0.isArmed && $1.isArmed }
        }
    }

    /// How far ahead points that sink are looked at: after that nothing is left of any.
    private static let ahead = TimeSpan.days(200)

    mutating func finish(at end: Instant) {
        for key in leads.keys.sorted() {
            guard var person = leads[key], book.stands[key] != nil else { continue }
            if troubles.wasSetBack {
                person.moves.forEach { person.follow($0) }
                person.last = end
                if person.isClear { look(&person, key, at: end, seenBy: .distantFuture) }
            } else {
                advance(&person, key, to: end + .milliseconds(1))
            }
            counts.note("end")
            if let stands = book.stands[key], stands != person.stage {
                complaints.append("\(key) stands at \(stands), and its history has led it to \(person.stage)")
            }
            // Nothing is planned any more: what time alone would still change, it never will.
            if book.isOver { pass(&person, key, until: end + Self.ahead) }
        }
    }
}
