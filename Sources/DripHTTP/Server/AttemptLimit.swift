import DripCore
import Synchronization

/// How often an address may try in vain.
///
/// Counts in whole minutes, of at most 10,000 addresses at once; an IPv6 address stands for its /64, which one client has
/// whole. Where more come in a minute, those beyond are not counted: memory stays bounded, and nobody is kept out for others.
final class AttemptLimit: Sendable {
    private struct Counts {
        var minute: Int64 = .min
        var ofClient: [[UInt8]: Int] = [:]
    }

    private let most: Int
    private let counts = Mutex(Counts())

    init(most: Int) {
        self.most = most
    }

    /// Counts one, and answers whether it is within the limit; `minute` is any count of minutes that goes forward.
    func take(_ client: IPAddress?, minute: Int64) -> Bool {
        let name = client.map { Array($0.bytes.prefix($0.bytes.count == 16 ? 8 : 4)) } ?? []
        return counts.withLock { counts in
            if counts.minute != minute { counts = Counts(minute: minute) }
            guard let count = counts.ofClient[name] else {
                if counts.ofClient.count < 10_000 { counts.ofClient[name] = 1 }
                return most > 0
            }
            counts.ofClient[name] = count + 1
            return count < most
        }
    }
}
