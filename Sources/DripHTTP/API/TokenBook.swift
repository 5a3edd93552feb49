import Crypto
package import DripCore
import Foundation
import Synchronization

/// Who may use the API, as the engine has it: asked once, and again after every change.
///
/// Every change goes through the control socket of this very process, which says so here.
package final class TokenBook: Sendable {
    private let control: any EngineControl
    private struct Known {
        var tokens: [String: AccessToken]?
        /// How often it changed: what was asked before a change is old when it comes.
        var changes = 0
    }

    private let known = Mutex(Known())

    package init(control: any EngineControl) {
        self.control = control
    }

    /// Whose token that is; nil where it is nobody's.
    ///
    /// Found by its hash: how long the search takes tells nothing about a token.
    ///
    /// - Throws: `ControlError` where the engine cannot say.
    func owner(of token: String) async throws(ControlError) -> AccessToken? {
        let hash = Self.hash(of: token)
        let (tokens, changes) = known.withLock { ($0.tokens, $0.changes) }
        if let tokens { return tokens[hash] }
        switch await control.ask(.tokens) {
        case .failure(let error): throw error
        case .success(.tokens(let tokens)):
            let byHash = Dictionary(tokens.map { ($0.hash, $0) }) { first, _ in first }
            known.withLock { known in
                if known.changes == changes { known.tokens = byHash }
            }
            return tokens.first { $0.hash == hash }
        case .success: return nil
        }
    }

    /// Some token is new, or one is no more: the next request asks anew.
    func changed() {
        known.withLock { known in
            known.tokens = nil
            known.changes += 1
        }
    }

    /// SHA-256 in hexadecimal digits.
    package static func hash(of token: String) -> String {
        SHA256.hash(data: Data(token.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
