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
    /// Its place among everything that was written, where it is known.
    var number: Int?
}

/// Goes through a history beside the engine's moves, and says which of them are wrong or missing.
struct StageReplay: Sendable {
    typealias Standing = StageRules.Standing

    /// Where a lead may stand, and how many of the engine's moves at the instant of `last` have led it there.
    private struct Place: Hashable, Sendable {
        var standing: Standing
        var used = 0
    }

    private struct Person: Sendable {
        var facts = StageFacts()
        /// More than one where nobody knows whether the engine looked in between.
        var may = [Place(standing: Standing(stage: "lead", isArmed: false))]
        /// Those of `last` and behind it.
        var moves: ArraySlice<StageBook.Move>
        var last: Instant
        /// Whether its facts are known.
        var isClear = true
        /// When the engine's word was taken for all of an instant, because they were not; and whether they are known behind it.
        var believedAt: Instant?
        var isClearLater = false
        /// Whether nobody knows if it is there.
        var isDoubtful = false

        /// The moves at the instant of `last`.
        var moved: [StageBook.Move] { Array(moves.prefix { $0.at == last }) }

        /// Nothing but the stage is known any more.
        mutating func follow(to stage: String) {
            may = [false, true].map { Place(standing: Standing(stage: stage, isArmed: $0), used: moved.count) }
        }

        /// Takes the engine's word for some of its moves at `last`: others may be those of what else happened then.
        mutating func followSome() {
            let there = moved.map(\.to)
            let places = may.flatMap { place in
                (min(place.used, there.count)...there.count).flatMap { used in
                    let stage = used > place.used ? there[used - 1] : place.standing.stage
                    return [false, true].map { Place(standing: Standing(stage: stage, isArmed: $0), used: used) }
                }
            }
            may = StageReplay.inOrder(Set(places))
        }

        /// Takes the engine's word for where it stands behind its moves up to `last`.
        mutating func follow() {
            let taken = moves.prefix { $0.at <= last }
            moves = moves.dropFirst(taken.count - moved.count)
            if let stage = taken.last?.to { return follow(to: stage) }
            // Places may differ in nothing but what an alarm did.
            may = Set(may.map(\.standing.stage)).sorted().flatMap { stage in
                [false, true].map { Place(standing: Standing(stage: stage, isArmed: $0)) }
            }
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
        if person.isClearLater, person.believedAt != input.at { (person.isClear, person.isClearLater) = (true, false) }
        let before = person.facts
        var event: String?
        switch input.what {
        case .tier(let tier):
            // Of one that may not be there, or may be so or so.
            let isNew = person.last == input.at && person.facts == StageFacts() && person.moves.startIndex == 0
            if input.isCertain {
                (person.isClear, person.isDoubtful) = (person.believedAt != input.at, false)
                person.isClearLater = !person.isClear
            } else if isNew {
                person.isDoubtful = true
            } else if tier != person.facts.tier {
                (person.isClear, person.isClearLater) = (false, false)
            }
            person.facts.tier = tier
        case .event(let name, let order):
            guard book.events[key, default: []].contains("\(name) \(input.at)") else { return }
            person.facts.add(name, StageFacts.Deed(at: input.at, about: order))
            event = name
        case .points(let points, let step):
            person.facts.add(StageFacts.steps, StageFacts.Deed(at: input.at, about: step, points: points))
        case .person(let stage):
            if !input.isCertain {
                guard person.moved.contains(where: { $0.why == StageBook.byHand }) else { return }
            }
            counts.note("by hand")
            return judge(&person, key, before, input, event: nil, put: stage)
        case .merged(let from):
            for other in into.keys where into[other] == from { into[other] = key }
            into[from] = key
            guard var other = leads.removeValue(forKey: from) else { return }
            advance(&other, from, to: input.at)
            settle(&other, from)
            counts.note("merged")
            person.facts.take(other.facts)
            person.isClear = person.isClear && other.isClear
            person.may = person.may.flatMap { own in
                other.may.map {
                    let isHigher = Self.rank($0.standing.stage) > Self.rank(own.standing.stage)
                    guard isHigher else { return own }
                    // Its history says so, as of every move.
                    let isTold = person.moved.dropFirst(own.used).first?.to == $0.standing.stage
                    return isTold ? Place(standing: $0.standing, used: own.used + 1) : own
                }
            }
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
        guard person.isClear, !troubles.wasSetBack else {
            person.believedAt = input.at
            return person.follow()
        }
        let there = person.moved.map(\.to)
        var ends: Set<Place> = []
        var isUnclear = false
        var wanted: [String] = []
        func offer(_ stages: [String], _ end: Standing, behind used: Int) {
            guard Array(there.dropFirst(used).prefix(stages.count)) == stages else { return }
            ends.insert(Place(standing: end, used: used + stages.count))
        }
        func consider(_ start: Standing, used: Int) {
            let from = put.map { Standing(stage: $0, isArmed: false) } ?? start
            guard let (stages, end) = rules.moves(of: person.facts, from: from, by: event, at: input.at) else {
                isUnclear = true
                return
            }
            wanted = (put.map { [$0] } ?? []) + stages
            offer(wanted, end, behind: used)
        }
        for place in person.may {
            // An alarm of the same instant may have been heard first.
            if let (stages, end) = rules.moves(of: before, from: place.standing, at: input.at), !stages.isEmpty,
                Array(there.dropFirst(place.used).prefix(stages.count)) == stages
            {
                consider(end, used: place.used + stages.count)
            }
            consider(place.standing, used: place.used)
            if person.isDoubtful { offer([], place.standing, behind: place.used) }
        }
        guard ends.isEmpty || isUnclear else {
            if ends.contains(where: { $0.used > 0 }) { counts.note("moved by deeds") }
            return person.may = Self.inOrder(ends)
        }
        if isUnclear { return person.followSome() }
        complaints.append(
            "\(key) was \(person.may.first?.standing.stage ?? "") at \(input.at), was to be "
                + "\(wanted.joined(separator: ", then ")) by \(input.what), and is "
                + (there.isEmpty ? "not" : there.joined(separator: ", then ")))
        person.follow()
    }

    private static func inOrder(_ places: Set<Place>) -> [Place] {
        places.sorted {
            ($0.standing.stage, $0.used, $0.standing.isArmed ? 1 : 0) < (
                $1.standing.stage, $1.used, $1.standing.isArmed ? 1 : 0
            )
        }
    }

    // MARK: Time

    /// What time alone did up to an instant, at which the person stands then.
    private mutating func advance(_ person: inout Person, _ key: String, to instant: Instant) {
        guard !troubles.wasSetBack, instant > person.last else { return }
        settle(&person, key)
        while let move = person.moves.first, move.at < instant {
            pass(&person, key, until: move.at)
            counts.note("moved by time")
            person.isDoubtful = false
            settle(&person, key)
        }
        pass(&person, key, until: instant)
    }

    /// What the engine did at the instant of `last`, and no input led to, time alone must have done.
    private mutating func settle(_ person: inout Person, _ key: String) {
        let moved = person.moved
        if person.isClear, !troubles.wasSetBack {
            var ends: Set<Place> = []
            var isUnclear = false
            for place in person.may {
                let rest = moved.dropFirst(place.used).map(\.to)
                if rest.isEmpty {
                    ends.insert(Place(standing: place.standing))
                } else if let (stages, end) = rules.moves(of: person.facts, from: place.standing, at: person.last) {
                    if stages == rest { ends.insert(Place(standing: end)) }
                } else {
                    isUnclear = true
                }
            }
            if !ends.isEmpty, !isUnclear {
                person.may = Self.inOrder(ends)
                person.moves = person.moves.dropFirst(moved.count)
                return
            }
            if !isUnclear, let move = moved.last {
                complaints.append(
                    "\(key) went \(moved.map { "\($0.from) → \($0.to)" }.joined(separator: ", ")) at \(move.at) (\(move.why)), "
                        + "and nothing led it there")
            }
        }
        person.follow()
        person.moves = person.moves.dropFirst(moved.count)
        person.may = Self.inOrder(Set(person.may.map { Place(standing: $0.standing) }))
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
        var ends: Set<Place> = []
        var wanted: [String] = []
        for place in person.may {
            guard let (stages, end) = rules.moves(of: person.facts, from: place.standing, at: midnight) else {
                return person.follow()
            }
            if stages.isEmpty { ends.insert(Place(standing: end)) } else { wanted = stages }
            if mayBeLate { ends.insert(place) }
        }
        if ends.isEmpty {
            complaints.append(
                "\(key) is \(person.may.first?.standing.stage ?? ""), and was to be \(wanted.joined(separator: ", then ")) by time "
                    + "alone from \(midnight) on")
            person.isClear = false
            person.follow()
        } else {
            person.may = Self.inOrder(ends)
        }
    }

    /// How far ahead points that sink are looked at: after that nothing is left of any.
    private static let ahead = TimeSpan.days(200)

    mutating func finish(at end: Instant) {
        for key in leads.keys.sorted() {
            guard var person = leads[key] else { continue }
            counts.note("end")
            guard let stands = book.stands[key] else { continue }
            let isMerged = into.values.contains(key)
            if troubles.wasSetBack {
                person.last = .distantFuture
                person.follow()
                // Which of two moves of two leads was the last one, nobody can tell.
                if isMerged { person.follow(to: stands) }
                look(&person, key, at: end, seenBy: .distantFuture)
            } else {
                advance(&person, key, to: end + .milliseconds(1))
            }
            if !person.may.contains(where: { $0.standing.stage == stands }) {
                complaints.append(
                    "\(key) stands at \(stands), and its history has led it to \(person.may.first?.standing.stage ?? "")"
                )
            }
            // Nothing is planned any more: what time alone would still change, it never will.
            if book.isOver, !troubles.wasSetBack { pass(&person, key, until: end + Self.ahead) }
        }
    }
}
