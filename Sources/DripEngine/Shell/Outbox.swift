import Dispatch
import DripCore
import DripMessages

/// Makes messages of send orders and gives them to their transport, on a queue of its own, beside the engine's.
final class Outbox: Sendable {
    private let queue = DispatchQueue(label: "dripd.compose")
    private let transports: [String: any Transport]
    private let composition: Composition
    /// Hears of orders that no message could be made of.
    private let onResults: @Sendable ([AttemptResult]) -> Void

    init(
        transports: [any Transport], instanceID: String, signer: LinkSigner?, dkim: DKIMSigner?, returns: ReturnPath?,
        onResults: @escaping @Sendable ([AttemptResult]) -> Void
    ) {
        self.transports = Dictionary(uniqueKeysWithValues: transports.map { ($0.name, $0) })
        self.composition = Composition(instanceID: instanceID, signer: signer, dkim: dkim, returns: returns)
        self.onResults = onResults
        for transport in transports {
            let name = transport.name
            transport.onResults { results in
                EngineFigures.attempts(results, over: name)
                onResults(results)
            }
        }
    }

    func send(_ orders: [SendOrder], over name: String) {
        submit(orders, over: name, as: \.delivery.id) { [composition] order, form in
            try composition.payload(of: order, as: form)
        }
    }

    /// Tells a CRM.
    func push(_ orders: [PushOrder], over name: String) {
        submit(orders, over: name, as: \.push.id.asDelivery) { [composition] order, form in
            try composition.payload(of: order, as: form)
        }
    }

    /// Mails the weekly digest.
    func digest(_ orders: [DigestOrder], over name: String) {
        submit(orders, over: name, as: \.letter.id.asDelivery) { [composition] order, form in
            try composition.payload(of: order, as: form)
        }
    }

    /// Makes of each order what its transport takes, which knows it by `id`.
    private func submit<Order: Sendable>(
        _ orders: [Order], over name: String, as id: @escaping @Sendable (Order) -> DeliveryID,
        _ payload: @escaping @Sendable (Order, OutgoingMessage.Form) throws -> OutgoingMessage.Payload
    ) {
        queue.async { [self] in
            guard let transport = transports[name] else {
                return onResults(
                    orders.map {
                        AttemptResult(
                            delivery: id($0), outcome: .transientFailure, blame: .transport,
                            text: "no transport \(name) is configured")
                    })
            }
            // In small portions, so that the first message is on the wire while the last is being made.
            for portion in stride(from: 0, to: orders.count, by: 32) {
                var failures: [AttemptResult] = []
                var ready: [OutgoingMessage] = []
                for order in orders[portion..<min(portion + 32, orders.count)] {
                    do {
                        ready.append(
                            OutgoingMessage(delivery: id(order), payload: try payload(order, transport.takes)))
                    } catch {
                        failures.append(
                            AttemptResult(
                                delivery: id(order), outcome: .permanentFailure, blame: .composing,
                                text: "no message could be made: \(error)"))
                    }
                }
                if !ready.isEmpty { transport.submit(ready) }
                if !failures.isEmpty { onResults(failures) }
            }
        }
    }

    /// Stops all transports; `done` comes after the last result.
    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            let group = DispatchGroup()
            for transport in transports.values {
                group.enter()
                transport.stop(within: limit) { group.leave() }
            }
            group.notify(queue: queue, execute: done)
        }
    }
}
