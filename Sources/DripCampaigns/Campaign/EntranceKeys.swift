import DripCore

// The keys that say who enters a campaign, what it is for and what ends it.

enum EnrollKeys {
    static let on = Key(
        "on", .oneOrMany(.event), example: "on: ebook_downloaded",
        "The event, or the list of events, that enrols a lead.")
    static let condition = Key(
        "if", .condition, standard: "always", example: "if: { country: ID }",
        "What must be true of a lead that such an event enrols.")
    static let when = Key(
        "when", .conditionOfFacts, example: "when: { plan: trial }",
        "A lead of which this becomes true is enrolled, whatever made it true.")
    static let again = Key(
        "again", .again, standard: "never", example: "again: never",
        "Whether who was enrolled before may be again: `never`, `after_exit`, `{ every: 90d }`, `{ key: order_id }`.")

    static let spec = MappingSpec(
        "`enroll`", keys: [on.spec, condition.spec, when.spec, again.spec],
        later: [
            LaterKey("every", "Write `again: { every: 90d }`."), LaterKey("key", "Write `again: { key: order_id }`."),
        ],
        rules: [.needs("if", "on")])

    static func build(_ group: MappingReader) -> Entrance? {
        if group.has(condition), !group.has(on) {
            group.reading.error(
                at: group.keyPlace(of: condition), "`if` stands without `on`: no event enrols anybody",
                hint: "Write `when` in its place: a lead is enrolled as soon as it becomes true.")
        }
        return Entrance(
            on: group.value(on) ?? [], condition: group.value(condition), when: group.value(when),
            again: group.value(again) ?? .never)
    }
}

/// What `enroll` says.
struct Entrance {
    var on: [EventName] = []
    var condition: Condition?
    var when: Condition?
    var again = Again.never
}

enum ExitKeys {
    static let on = Key(
        "on", .oneOrMany(.event), example: "on: replied",
        "The event, or the list of events, that ends the enrollment.")
    static let condition = Key(
        "if", .conditionWithoutPoints, example: "if: { stage: customer }",
        "What ends it as soon as it is true of the lead; beside `on`, what must be true when the event comes.")

    static let spec = MappingSpec(
        "`exit`", keys: [on.spec, condition.spec], rules: [.atLeastOne(["on", "if"])])

    static func build(_ group: MappingReader) -> (on: [EventName], condition: Condition?)? {
        guard group.has(on) || group.has(condition) else {
            group.reading.error(
                at: group.node.place, "`exit` names neither an event nor a condition",
                hint: "Add a line such as `on: replied`.")
            return nil
        }
        return (group.value(on) ?? [], group.value(condition))
    }
}

enum GoalKeys {
    static let on = Key(
        "on", .oneOrMany(.event), example: "on: demo_booked", "The event, or the list of events, that means success.")
    static let condition = Key(
        "if", .conditionWithoutPoints, example: "if: { plan: pro }",
        "What means success as soon as it is true of the lead; beside `on`, what must be true when the event comes.")
    static let then = Key(
        "then", .group(JumpKeys.spec, build: { $0.value(JumpKeys.jumpTo).map { name in name } }),
        standard: "the enrollment ends", example: "then: { jump_to: demo-thanks }", "What follows in place of the end.")

    static let spec = MappingSpec(
        "a goal", keys: [on.spec, condition.spec, then.spec], rules: [.atLeastOne(["on", "if"])])

    static func build(_ group: MappingReader) -> LocatedGoal? {
        guard group.has(on) || group.has(condition) else {
            group.reading.error(
                at: group.node.place, "the goal names neither an event nor a condition",
                hint: "Add a line such as `on: demo_booked`.")
            return nil
        }
        return LocatedGoal(
            goal: Goal(
                on: group.value(on) ?? [], condition: group.value(condition),
                jumpTo: group.value(then).map(StepID.init(rawValue:))), jumpPlace: group.place(of: then))
    }
}

/// A goal, and where it says which step it leads on to.
struct LocatedGoal {
    var goal: Goal
    var jumpPlace: Place
}

enum JumpKeys {
    static let jumpTo = Key(
        "jump_to", .name("the id of a step"), required: true, example: "jump_to: demo-thanks",
        "The step that the lead goes on with.")

    static let spec = MappingSpec("`then`", keys: [jumpTo.spec])
}

enum AgainKeys {
    static let every = Key(
        "every", .span(.days(1) ... .days(36_525)), example: "every: 90d",
        "Again that long after the last enrollment, once that one is over.")
    static let key = Key(
        "key", .attributeName, example: "key: order_id",
        "One run for each value of this, which the event brings along, or else the lead has.")

    static let spec = MappingSpec(
        "`again`", keys: [every.spec, key.spec], rules: [.exactlyOne(["every", "key"])])

    static func build(_ group: MappingReader) -> Again? {
        switch (group.has(every), group.has(key)) {
        case (true, false): return group.value(every).map(Again.every)
        case (false, true): return group.value(key).map(Again.key)
        default:
            group.reading.error(
                at: group.node.place, "`again` with keys of its own holds one of `every` and `key`",
                hint: "Write `again: { every: 90d }` or `again: { key: order_id }`.")
            return nil
        }
    }
}

extension ValueKind where Value == Again {
    /// `never`, `after_exit`, `{ every: 90d }` or `{ key: order_id }`.
    static let again = ValueKind(shape: .either(.choice(["never", "after_exit"]), .group(AgainKeys.spec))) {
        node, key, reading in
        if case .mapping = node.content {
            return MappingReader(node, as: AgainKeys.spec, for: key, reading: reading).flatMap(AgainKeys.build)
        }
        guard let text = reading.scalar(node, key, "`never`, `after_exit`, or a group of keys") else { return nil }
        switch text {
        case "never": return .never
        case "after_exit": return .afterExit
        default:
            reading.refuse(
                node, key, "`never` or `after_exit`",
                hint: TimeSpan(text).map { "Write `again: { every: \($0) }`." }
                    ?? Spelling.hint(
                        for: text, among: ["never", "after_exit"],
                        otherwise:
                            "`after_exit` is again once the last one is over; `{ every: 90d }` and `{ key: order_id }` "
                            + "are the other ways."))
            return nil
        }
    }
}

extension ValueKind where Value == LocatedGoal {
    /// An event, a list of them, or a group that says more.
    static let goal = ValueKind(
        shape: .either(ValueKind<[EventName]>.oneOrMany(.event).shape, .group(GoalKeys.spec))
    ) { node, key, reading in
        if case .mapping = node.content {
            return MappingReader(node, as: GoalKeys.spec, for: key, reading: reading).flatMap(GoalKeys.build)
        }
        return ValueKind<[EventName]>.oneOrMany(.event).read(node, key, reading).map {
            LocatedGoal(goal: Goal(on: $0), jumpPlace: node.place)
        }
    }
}

extension ValueKind where Value == Int {
    /// `10%`, in hundredths of a percent.
    static let percent = scalar(
        .form("share", pattern: "^0*[0-9]{1,2}(\\.[0-9]{1,2}0*)?%$"), "a share such as `10%`, below 100%",
        parse: { text in
            guard text.hasSuffix("%"), let number = Naming.decimal(String(text.dropLast())), number >= 0, number < 100
            else { return nil }
            let hundredths = (number * 100).rounded()
            return abs(hundredths - number * 100) < 0.000_001 ? Int(hundredths) : nil
        }, hint: { text in Naming.integer(text).map { "Write `\($0)%`." } })
}
