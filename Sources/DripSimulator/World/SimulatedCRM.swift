import DripCore
import DripEngine
import DripStore
import Foundation

/// A push as a CRM gets it, read from its own bytes.
package struct PushSight: Hashable, Sendable {
    package var number: Int64
    /// The lead's.
    package var key: String
    /// By which a CRM knows a repeat.
    package var identity: String
    package var body: String

    package init(number: Int64, key: String, identity: String, body: String) {
        self.number = number
        self.key = key
        self.identity = identity
        self.body = body
    }

    /// What it says of the lead, each value as JSON; nil where it cannot be read.
    package var facts: [String: String]? {
        let object = try? JSONSerialization.jsonObject(with: Data(body.utf8))
        let lead = (object as? [String: Any])?["lead"] as? [String: Any]
        return (lead?["attributes"] as? [String: Any])?.mapValues(JSONFacts.text)
    }
}

/// Values of attributes as texts that can be compared, whoever wrote them.
enum JSONFacts {
    static func text(_ value: Any) -> String {
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "unreadable"
    }

    static func of(_ attributes: [String: AttributeValue]) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(attributes))
        return (object as? [String: Any])?.mapValues(text) ?? [:]
    }
}

/// What the state says in the end of leads and of what is on its way to the CRM.
package struct CRMBook: Hashable, Sendable {
    /// By key: the attributes, each as JSON, and the stage.
    package var leads: [String: [String: String]] = [:]
    package var waiting: [Int64] = []
    /// By number: whose.
    package var dead: [Int64: String] = [:]
    /// Whether nothing is planned any more.
    package var isOver = false

    package init() {}
}

extension Simulation {
    /// Hands a push over, as its bytes are.
    func handOver(_ order: PushOrder, _ machine: Machine) {
        do {
            guard case .post(let post) = try machine.composition.payload(of: order, as: .post) else {
                return tell(.unusable("a push that is no post"))
            }
            let sight = PushSight(
                number: order.push.id.rawValue, key: order.push.content.key, identity: post.idempotencyKey,
                body: String(decoding: post.body, as: UTF8.self))
            let isOut = relay.outages[.http].map { now < $0 } ?? false
            let isClash = desk.knows(sight)
            let isTaken = desk.submit(
                .push(sight.number), as: order.push.id.asDelivery, by: scenario.crm?.temper ?? .calm, at: now,
                isOut: isOut)
            tell(.pushed(sight, isTaken: isTaken, isClash: isClash))
        } catch {
            tell(.unusable("a push that cannot be made: \(error)"))
        }
    }

    /// Tells what the state has of leads and of the CRM in the end.
    func tellCRM() throws {
        guard scenario.crm != nil, let machine else { return }
        var book = CRMBook()
        for lead in try machine.handoffs().leads {
            book.leads[lead.key] = try JSONFacts.of(lead.attributes).merging(
                ["stage": JSONFacts.text(lead.stage.stage.rawValue)], uniquingKeysWith: { $1 })
        }
        for row in try files.tables.rows("SELECT id, died_at, key FROM pushes ORDER BY id") {
            guard let id = row[0].flatMap({ Int64($0) }) else { continue }
            if row[1] == nil { book.waiting.append(id) } else { book.dead[id] = row[2] }
        }
        book.isOver = machine.alarm == nil
        tell(.crm(book))
    }
}
