import DripCore
import DripStore

// What a lead and a run add to the roll-ups, as their rows hold it.
//
// The rule: `leads.figures` and `enrollments.figures` are words with a semicolon behind each, a letter and whole numbers between
// commas. NULL adds nothing: a lead that was merged into another, and whatever was before there were roll-ups and nobody knows.
//
//   of a lead   d day,instant  when it was made          s source     g segment,…
//               m q c day,instant  when it first came to MQL, SQL, customer
//               v day,won,deals,pipeline,deals  amounts of that day, in thousandths; of before, a month stands for the day
//   of a run    d day  when it began     h  it is held out     w day  when it reached its goal
//               e step,day,deeds  a message that was accepted then    v by month, since it entered the campaign
//
// Days are the policy's at that moment, since 1970-01-01; months are `202701`. A letter that is not known is damage.
//
// Worked example: `d20820,1798848000000;s3;g1,4;m20829,1799660400000;`: made on 2 January 2027, of source 3, in segments 1 and 4, an
// MQL nine days later.

/// A day of the policy, and the instant.
struct Moment: Hashable, Comparable {
    var day: Int64
    var at: Int64

    static func < (a: Moment, b: Moment) -> Bool { a.at < b.at }
}

/// Amounts in thousandths, and how many events brought them.
struct FactValues: Hashable {
    var won: Int64 = 0
    var wonDeals: Int64 = 0
    var pipeline: Int64 = 0
    var pipelineDeals: Int64 = 0

    static func + (a: FactValues, b: FactValues) -> FactValues {
        FactValues(
            won: a.won + b.won, wonDeals: a.wonDeals + b.wonDeals, pipeline: a.pipeline + b.pipeline,
            pipelineDeals: a.pipelineDeals + b.pipelineDeals)
    }
}

struct LeadFacts: Hashable {
    var made: Moment?
    /// 0 for none.
    var source: Int64 = 0
    var segments: [Int64] = []
    var mql: Moment?
    var sql: Moment?
    var customer: Moment?
    /// By day, or by the month of what was counted by months.
    var values: [Int64: FactValues] = [:]

    /// No day of this era has a number as high as this.
    static let firstMonth: Int64 = 100_000
}

struct MessageFacts: Hashable {
    static let opened: Int64 = 1
    static let clicked: Int64 = 2
    static let openedByProgram: Int64 = 4
    static let clickedByProgram: Int64 = 8
    static let inDoubt: Int64 = 16
    /// By another channel, of which nobody knows whether it was read.
    static let isNoMail: Int64 = 32

    var day: Int64
    var deeds: Int64
}

struct RunFacts: Hashable {
    var day: Int64
    var isHeldOut = false
    var goalDay: Int64?
    /// By the number of the step.
    var messages: [Int64: MessageFacts] = [:]
    var values: [Int64: FactValues] = [:]
}

/// A run with what tells which of its lead's and campaign's is the first.
struct CountedRun: Hashable {
    var id: Int64
    var campaign: Int64
    var enrolledAt: Int64
    var facts: RunFacts?
}

// MARK: - Reading and writing

/// Goes through the words of a row.
private struct FactWords {
    static func each(
        of text: String, _ body: (UInt8, [Int64]) throws(StoreError) -> Void
    ) throws(StoreError) {
        var (letter, numbers, number): (UInt8?, [Int64], Int64?) = (nil, [], nil)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (tens, isTooLong) = (number ?? 0).multipliedReportingOverflow(by: 10)
                guard letter != nil, !isTooLong, tens <= .max - 9 else { throw damaged(text) }
                number = tens + Int64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: ","):
                guard let last = number else { throw damaged(text) }
                numbers.append(last)
                number = nil
            case UInt8(ascii: ";"):
                guard let whole = letter else { throw damaged(text) }
                if let number { numbers.append(number) }
                try body(whole, numbers)
                (letter, numbers, number) = (nil, [], nil)
            default:
                guard letter == nil else { throw damaged(text) }
                letter = byte
            }
        }
        guard letter == nil else { throw damaged(text) }
    }

    static func damaged(_ text: String) -> StoreError {
        .corrupt("what a row adds to the roll-ups is damaged: \(text)")
    }
}

extension Moment {
    fileprivate init(_ numbers: [Int64], of text: String) throws(StoreError) {
        guard numbers.count == 2 else { throw FactWords.damaged(text) }
        self.init(day: numbers[0], at: numbers[1])
    }
}

extension [Int64: FactValues] {
    fileprivate mutating func take(_ numbers: [Int64], of text: String) throws(StoreError) {
        guard numbers.count == 5 else { throw FactWords.damaged(text) }
        self[numbers[0]] = FactValues(
            won: numbers[1], wonDeals: numbers[2], pipeline: numbers[3], pipelineDeals: numbers[4])
    }

    fileprivate var words: String {
        sorted { $0.key < $1.key }
            .map { "v\($0.key),\($0.value.won),\($0.value.wonDeals),\($0.value.pipeline),\($0.value.pipelineDeals);" }
            .joined()
    }
}

extension LeadFacts {
    init(_ text: String) throws(StoreError) {
        var facts = LeadFacts()
        try FactWords.each(of: text) { (letter, numbers) throws(StoreError) in
            switch letter {
            case UInt8(ascii: "d"): facts.made = try Moment(numbers, of: text)
            case UInt8(ascii: "s"): facts.source = numbers.first ?? 0
            case UInt8(ascii: "g"): facts.segments = numbers
            case UInt8(ascii: "m"): facts.mql = try Moment(numbers, of: text)
            case UInt8(ascii: "q"): facts.sql = try Moment(numbers, of: text)
            case UInt8(ascii: "c"): facts.customer = try Moment(numbers, of: text)
            case UInt8(ascii: "v"): try facts.values.take(numbers, of: text)
            default: throw FactWords.damaged(text)
            }
        }
        self = facts
    }

    var text: String {
        func word(_ letter: String, _ moment: Moment?) -> String { moment.map { "\(letter)\($0.day),\($0.at);" } ?? "" }
        let groups = segments.isEmpty ? "" : "g\(segments.map(String.init).joined(separator: ","));"
        return word("d", made) + (source == 0 ? "" : "s\(source);") + groups + word("m", mql) + word("q", sql)
            + word("c", customer) + values.words
    }
}

extension RunFacts {
    init(_ text: String) throws(StoreError) {
        var facts = RunFacts(day: 0)
        try FactWords.each(of: text) { (letter, numbers) throws(StoreError) in
            switch (letter, numbers.count) {
            case (UInt8(ascii: "d"), 1): facts.day = numbers[0]
            case (UInt8(ascii: "h"), 0): facts.isHeldOut = true
            case (UInt8(ascii: "w"), 1): facts.goalDay = numbers[0]
            case (UInt8(ascii: "e"), 3): facts.messages[numbers[0]] = MessageFacts(day: numbers[1], deeds: numbers[2])
            case (UInt8(ascii: "v"), 5): try facts.values.take(numbers, of: text)
            default: throw FactWords.damaged(text)
            }
        }
        self = facts
    }

    var text: String {
        let mails = messages.sorted { $0.key < $1.key }.map { "e\($0.key),\($0.value.day),\($0.value.deeds);" }.joined()
        return "d\(day);" + (isHeldOut ? "h;" : "") + (goalDay.map { "w\($0);" } ?? "") + mails + values.words
    }
}
