import DripCore
import DripStore
import GRDB

/// Texts that many rows repeat, as small numbers: campaign ids, step ids, attribute names, zones, locales.
///
/// All of them live in memory (a few kilobytes); what a commit adds is forgotten with it when it fails, by `load`.
final class Names {
    /// No more words than this: beyond it (a hostile import) rows carry the text itself, so that memory stays bounded.
    private static let wordLimit = 4_096

    private struct StepKey: Hashable {
        var campaign: Int64
        var step: StepID
    }

    private var campaignNumbers: [CampaignID: Int64] = [:]
    /// At `number - 1`; numbers are given without a gap.
    private(set) var campaigns: [CampaignID] = []
    private var stepNumbers: [StepKey: Int64] = [:]
    private var steps: [StepID] = []
    /// What steps were called first, where that is not what they are called now; `firsts` has those of each campaign.
    private var firstNames: [Int64: StepID] = [:]
    private var firsts: Set<StepKey> = []
    private var wordNumbers: [String: Int64] = [:]
    private var words: [String] = []
    private var transportNumbers: [String: Int64] = [:]
    private var transports: [String] = []

    /// A batch is mostly of one campaign and two steps: comparing is cheaper than hashing.
    private var lastCampaign: (id: CampaignID, number: Int64)?
    private var recentSteps = [(key: StepKey, number: Int64)](
        repeating: (StepKey(campaign: 0, step: StepID(rawValue: "")), 0), count: 3)
    private var nextRecent = 0

    private let insertCampaign: SQLStatement
    private let insertStep: SQLStatement
    private let renameStep: SQLStatement
    private let insertWord: SQLStatement
    private let allCampaigns: SQLStatement
    private let allSteps: SQLStatement
    private let allWords: SQLStatement
    private let insertTransport: SQLStatement
    private let allTransports: SQLStatement

    init(_ db: Database) {
        insertCampaign = SQLStatement(db, "INSERT INTO campaigns (id, name) VALUES (?, ?)")
        insertStep = SQLStatement(db, "INSERT INTO steps (id, campaign, name, first_name) VALUES (?, ?, ?, ?)")
        renameStep = SQLStatement(db, "UPDATE steps SET name = ?, first_name = ? WHERE id = ?")
        insertWord = SQLStatement(db, "INSERT INTO words (id, text) VALUES (?, ?)")
        allCampaigns = SQLStatement(db, "SELECT id, name FROM campaigns ORDER BY id")
        allSteps = SQLStatement(db, "SELECT id, campaign, name, first_name FROM steps ORDER BY id")
        allWords = SQLStatement(db, "SELECT id, text FROM words ORDER BY id")
        insertTransport = SQLStatement(db, "INSERT INTO transports (id, name) VALUES (?, ?)")
        allTransports = SQLStatement(db, "SELECT id, name FROM transports ORDER BY id")
    }

    /// Takes what is committed, and forgets the rest.
    func load() throws(StoreError) {
        (campaignNumbers, campaigns, stepNumbers, steps, wordNumbers, words) = ([:], [], [:], [], [:], [])
        (transportNumbers, transports) = ([:], [])
        (firstNames, firsts) = ([:], [])
        lastCampaign = nil
        for index in recentSteps.indices { recentSteps[index].key.campaign = 0 }
        while try allCampaigns.step() {
            let campaign = CampaignID(rawValue: allCampaigns.text(1))
            campaigns.append(campaign)
            campaignNumbers[campaign] = try Self.checked(allCampaigns.int(0), campaigns.count, "campaigns")
        }
        while try allSteps.step() {
            let step = StepID(rawValue: allSteps.text(2))
            steps.append(step)
            let number = try Self.checked(allSteps.int(0), steps.count, "steps")
            stepNumbers[StepKey(campaign: allSteps.int(1), step: step)] = number
            if let first = allSteps.optionalText(3) {
                setFirstName(StepID(rawValue: first), of: number, allSteps.int(1))
            }
        }
        while try allWords.step() {
            words.append(allWords.text(1))
            wordNumbers[allWords.text(1)] = try Self.checked(allWords.int(0), words.count, "words")
        }
        while try allTransports.step() {
            let name = allTransports.text(1)
            transports.append(name)
            transportNumbers[name] = try Self.checked(allTransports.int(0), transports.count, "transports")
        }
    }

    private static func checked(_ number: Int64, _ count: Int, _ table: String) throws(StoreError) -> Int64 {
        guard number == Int64(count) else { throw .corrupt("the numbers of the table \(table) have a gap at \(count)") }
        return number
    }

    // MARK: Campaigns and steps

    func known(_ campaign: CampaignID) -> Int64? { campaignNumbers[campaign] }

    func number(of campaign: CampaignID) throws(StoreError) -> Int64 {
        if let lastCampaign, lastCampaign.id == campaign { return lastCampaign.number }
        if let number = campaignNumbers[campaign] {
            lastCampaign = (campaign, number)
            return number
        }
        let number = Int64(campaigns.count + 1)
        try insertCampaign.bind(1, number).bind(2, campaign.rawValue).run()
        campaigns.append(campaign)
        campaignNumbers[campaign] = number
        return number
    }

    func campaign(_ number: Int64) throws(StoreError) -> CampaignID {
        guard let index = Int(exactly: number), campaigns.indices.contains(index - 1) else {
            throw .corrupt("a row names campaign \(number), which is not there")
        }
        return campaigns[index - 1]
    }

    func number(of step: StepID, in campaign: Int64) throws(StoreError) -> Int64 {
        let key = StepKey(campaign: campaign, step: step)
        for recent in recentSteps where recent.key == key { return recent.number }
        if let number = stepNumbers[key] {
            recentSteps[nextRecent] = (key, number)
            nextRecent = (nextRecent + 1) % recentSteps.count
            return number
        }
        let number = Int64(steps.count + 1)
        // Another one sealed its messages by that name.
        let first = firsts.contains(key) ? StepID(rawValue: "\(step.rawValue)~\(number)") : nil
        try insertStep.bind(1, number).bind(2, campaign).bind(3, step.rawValue).bind(4, first?.rawValue).run()
        if let first { setFirstName(first, of: number, campaign) }
        steps.append(step)
        stepNumbers[key] = number
        return number
    }

    /// Nothing where no row names it.
    ///
    /// A name that no file can have is left to a step that had the new one before.
    func rename(_ step: StepID, to name: StepID, in campaign: Int64) throws(StoreError) {
        let known = stepNumbers[StepKey(campaign: campaign, step: step)]
        if let taken = stepNumbers[StepKey(campaign: campaign, step: name)] {
            try setName(of: taken, in: campaign, to: StepID(rawValue: "\(name.rawValue)~\(taken)"))
        }
        if let known { try setName(of: known, in: campaign, to: name) }
        for index in recentSteps.indices { recentSteps[index].key.campaign = 0 }
    }

    private func setName(of number: Int64, in campaign: Int64, to name: StepID) throws(StoreError) {
        let (old, first) = (try step(number), try firstName(of: number))
        try renameStep.bind(1, name.rawValue).bind(2, first.rawValue).bind(3, number).run()
        setFirstName(first, of: number, campaign)
        steps[Int(number) - 1] = name
        stepNumbers[StepKey(campaign: campaign, step: old)] = nil
        stepNumbers[StepKey(campaign: campaign, step: name)] = number
    }

    /// By which a step's messages are sealed, however often it is renamed.
    func firstName(of number: Int64) throws(StoreError) -> StepID {
        if let first = firstNames[number] { return first }
        return try step(number)
    }

    func firstName(of step: StepID, in campaign: CampaignID) throws(StoreError) -> StepID {
        guard let campaign = known(campaign) else { return step }
        let key = StepKey(campaign: campaign, step: step)
        // Nobody has come to it yet: it sealed nothing, also where another one did by that name.
        guard let number = stepNumbers[key] else {
            return firsts.contains(key) ? StepID(rawValue: "\(step.rawValue)~") : step
        }
        return try firstName(of: number)
    }

    private func setFirstName(_ first: StepID, of number: Int64, _ campaign: Int64) {
        firstNames[number] = first
        firsts.insert(StepKey(campaign: campaign, step: first))
    }

    func step(_ number: Int64) throws(StoreError) -> StepID {
        guard let index = Int(exactly: number), steps.indices.contains(index - 1) else {
            throw .corrupt("a row names step \(number), which is not there")
        }
        return steps[index - 1]
    }

    // MARK: Routes

    /// A route's number: its channel's, and 16 times that of the transport it names.
    func number(of route: Route) throws(StoreError) -> Int64 {
        guard let name = route.transport else { return Int64(route.channel.rawValue) }
        if let number = known(route) { return number }
        let number = Int64(transports.count + 1)
        try insertTransport.bind(1, number).bind(2, name).run()
        transports.append(name)
        transportNumbers[name] = number
        return Int64(route.channel.rawValue) + 16 * number
    }

    /// Nil where nothing ever waited for it.
    func known(_ route: Route) -> Int64? {
        guard let name = route.transport else { return Int64(route.channel.rawValue) }
        return transportNumbers[name].map { Int64(route.channel.rawValue) + 16 * $0 }
    }

    func route(_ number: Int64) throws(StoreError) -> Route {
        guard number >= 0, let channel = Channel(rawValue: Int(number % 16)) else {
            throw .corrupt("a row names the route \(number), which is none")
        }
        guard number >= 16 else { return Route(channel) }
        guard let index = Int(exactly: number / 16), transports.indices.contains(index - 1) else {
            throw .corrupt("a row names transport \(number / 16), which is not there")
        }
        return Route(channel, transport: transports[index - 1])
    }

    // MARK: Words

    /// The word's number, given now if need be; nil when there are too many of them.
    func number(ofWord text: String) throws(StoreError) -> Int64? {
        if let number = wordNumbers[text] { return number }
        guard words.count < Self.wordLimit, text.utf8.count <= 64 else { return nil }
        let number = Int64(words.count + 1)
        try insertWord.bind(1, number).bind(2, text).run()
        words.append(text)
        wordNumbers[text] = number
        return number
    }

    func word(_ number: Int64) -> String? {
        guard let index = Int(exactly: number), words.indices.contains(index - 1) else { return nil }
        return words[index - 1]
    }

    /// Binds a text as its word's number where it has one, else as itself.
    func bind(_ text: String?, to index: Int32, of statement: SQLStatement) throws(StoreError) {
        if let text, let number = try number(ofWord: text) {
            statement.bind(index, number)
        } else {
            statement.bind(index, text)
        }
    }

    /// The same, of a text that was bound before if any row has it.
    func bind(known text: String, to index: Int32, of statement: SQLStatement) {
        if let number = wordNumbers[text] { statement.bind(index, number) } else { statement.bind(index, text) }
    }

    /// Reads what `bind` wrote.
    func text(_ statement: SQLStatement, _ column: Int32) throws(StoreError) -> String? {
        guard statement.isInteger(column) else { return statement.optionalText(column) }
        guard let text = word(statement.int(column)) else {
            throw .corrupt("a row names word \(statement.int(column)), which is not there")
        }
        return text
    }
}
